//! French.

use super::{phrases::Phrases, plural::Forms};
use crate::domain::Lang;

pub(super) static PHRASES: Phrases = Phrases {
    subscribed: "C’est noté. Chaque nouvelle déclaration paraîtra ici, de :",
    subscribed_already: "Cette discussion est déjà abonnée et continue de recevoir chaque nouvelle déclaration de :",
    no_sources_chosen: "Rien n’arrive encore ici. Choisissez les sources :",
    next_steps: "/latest montre la dernière déclaration, /counter les jours écoulés, /settings quand et comment les messages arrivent. /stop arrête tout.",
    next_steps_group: "/latest, /search et /counter sont ouverts à tous ; les administrateurs choisissent ce qui arrive ici avec /sources et /settings. /stop arrête tout.",
    next_steps_channel: "Ses administrateurs choisissent ce qui arrive ici, et quand, en discussion privée avec ce bot : /channel.",
    introduction: "Bonjour ! Je publie les déclarations des institutions dès leur parution. Un administrateur peut envoyer /start, dans le sujet voulu s’il y en a. Jusque-là, je me tais.",
    channel_invitation: "Vous m’avez nommé administrateur d’un canal. Ce qui y paraît se choisit ici :",
    in_channel: "Dans le canal :",
    in_named_channel: |a| format!("Dans le canal {a} :"),
    channel_menu: |id| {
        format!(
            "Ce que reçoit le canal :\n\nSes commandes s’envoient ici, par exemple :\n/words {id} with tarif, light dues\n/zone {id} Europe/Rome\n/counter {id} add 2020-01-31 depuis le début des entretiens\n/watch {id} https://www.example.org/news"
        )
    },
    channel_usage: "Quel canal ? Envoyez /channel @nom ou transférez-moi une de ses publications. Nous devons y être administrateurs tous les deux.",
    channel_unknown: "Ce n’est pas un canal dont nous sommes tous deux administrateurs. Nommez-moi administrateur avec le droit de publier, puis réessayez.",
    settings_of_channel: "Réglages du canal",
    stopped: "Abonnement terminé. Plus rien n’est conservé de cette discussion. Pour se réabonner : /start.",
    stopped_topic: "Ce sujet n’est plus abonné ; les autres sujets de la discussion ne changent pas. Pour le réabonner : /start.",
    stopped_kept: "Abonnement terminé. Les sources, réglages et compteurs de cette discussion peuvent être rétablis pendant dix minutes, puis ils sont effacés. Renvoyez la commande pour les effacer aussitôt.",
    stopped_topic_kept: "Ce sujet n’est plus abonné ; les autres sujets de la discussion ne changent pas. Ses sources, réglages et compteurs peuvent être rétablis pendant dix minutes, puis ils sont effacés. Renvoyez la commande pour les effacer aussitôt.",
    stopped_channel: |a| format!("{a} n’est plus abonné. Plus rien n’est conservé de ce canal."),
    stopped_channel_kept: |a| {
        format!(
            "{a} n’est plus abonné. Les sources, réglages et compteurs du canal peuvent être rétablis pendant dix minutes, puis ils sont effacés. Renvoyez la commande pour les effacer aussitôt."
        )
    },
    deleted: "Effacé. Il n’y a plus rien à rétablir. Pour se réabonner : /start.",
    channel_deleted: |a| format!("Effacé. Il n’y a plus rien à rétablir pour {a}."),
    restore: "Rétablir",
    restored: "Rétabli. Tout est comme avant /stop.",
    nothing_to_restore: "Il n’y a plus rien à rétablir ici.",
    restored_too_late: "Il est trop tard pour rétablir : les données sont effacées.",
    restorable_counts: "Ce qui peut encore être rétabli compte aussi.",
    stop_usage: "Rien n’a été changé. Pour se désabonner, envoyez :",
    stop_all: "de tout",
    stop_source: "d’une source",
    stop_channel: "désabonner un canal",
    stop_example: "NOM",
    get_back: "Pour se réabonner",
    last_source: "C’était la dernière source : plus aucune déclaration n’arrive ici.",
    delete_rest: "Pour effacer tout le reste",
    not_subscribed_to: |a| format!("Rien n’a été changé : il n’y a pas ici d’abonnement à {a}."),
    not_subscribed: "Cette discussion n’est pas abonnée. Pour l’abonner : /start.",
    channel_not_subscribed: |a| format!("{a} n’est pas abonné."),
    choose_for_channel: "Pour choisir ses sources",
    source_not_chosen: "La discussion n’est pas abonnée à cette source. /sources les montre toutes.",
    admins_only: "Seuls les administrateurs peuvent changer ce qui arrive ici. /latest, /search et /counter sont ouverts à tous.",
    admins_unknown: "Telegram n’a pas dit si vous êtes administrateur ici. Réessayez dans une minute.",
    slow_down: "Un instant : c’était beaucoup à la fois.",
    button_old: "Ce bouton date d’une version précédente du bot. Envoyez de nouveau la commande.",
    saved: "Enregistré",
    help: "Les déclarations des institutions, ici, dès leur parution.",
    not_understood: "Cette commande n’existe pas. Voici celles qui existent :",
    did_you_mean: |a| format!("Cette commande n’existe pas. Vouliez-vous dire /{a} ?"),
    latest: "La dernière",
    counters: "Compteurs",
    sources: "Choisir les sources",
    settings: "Réglages",
    read: "Lire ici",
    continue_reading: "Suite",
    open_page: "Ouvrir la page",
    back: "‹ Retour",
    nothing_yet: "Aucune déclaration n’a encore été lue. Les nouvelles paraîtront ici d’elles-mêmes.",
    latest_usage: "Combien (de 1 à 10), ou de quelle source ? Par exemple /latest 5 ou, avec un nom de /sources, /latest 3 embassy",
    unknown_source: "Il n’y a pas de source portant ce nom ici. /sources les montre toutes.",
    new_statements: |n| {
        Forms::two("{n} nouvelle déclaration", "{n} nouvelles déclarations").format(Lang::Fr, n)
    },
    earlier_ones: |n| Forms::two("{n} plus ancienne", "{n} plus anciennes").format(Lang::Fr, n),
    undated: |a| format!("sans date, vue pour la première fois le {a}"),
    archive: "Toutes les déclarations",
    nothing_here: "Il n’y a rien ici.",
    months: "Par mois",
    all_months: "Tous les mois",
    one_source: "Par source",
    all_sources: "Toutes les sources",
    which_source: "Les déclarations de quelle source ?",
    which_month: "De quel mois ?",
    search_usage: "Que cherchez-vous ? Par exemple :\n/search phare\n/search \"light dues\" tariff*\n/search fog -horn",
    search_cut: "C’était trop pour une seule recherche : seuls les premiers mots ont été cherchés.",
    nothing_found: "Aucun résultat. Essayez avec moins de mots, ou avec le début d’un mot : phar*",
    search_again: "Cette recherche est trop ancienne. Envoyez-la de nouveau.",
    fetching: "Je vais chercher la déclaration …",
    read_usage: "Laquelle ? /read montre la dernière, /read 2 l’avant-dernière, et ainsi de suite jusqu’à 50.",
    statement_gone: "Cette déclaration, ou cette partie, n’existe pas.",
    no_own_page: "Cette déclaration n’a pas de page propre ; on n’en sait pas davantage.",
    no_whole_text: "Sa page ne contient pas le texte complet : c’est peut-être un fichier ou une vidéo.",
    page_unreadable: "Sa page ne peut pas être lue en ce moment.",
    busy: "Je suis encore en train de chercher ce que vous avez demandé. Un instant, s’il vous plaît.",
    no_counters: "Les pages suivies ne montrent pas de compteurs de jours. /counter add 2020-01-31 … en ajoute un pour vous.",
    own_counters: "Compteurs de cette discussion",
    no_own_counters: "Cette discussion n’a pas de compteurs propres. /counter add 2020-01-31 … en ajoute un.",
    counter_usage: "Par exemple :\n/counter add 2020-01-31 depuis le début des entretiens\n/counter remove 2\n/counter daily 9:00 – tous les compteurs chaque jour, /counter daily off – plus maintenant",
    counter_added: "Ajouté. Ses nombres ronds et anniversaires seront annoncés ici.",
    counter_removed: "Retiré.",
    counter_unknown: "Il n’y a pas de compteur portant ce numéro.",
    too_many_counters: |n| {
        Forms::two(
            "Pas plus de {n} compteur. Retirez-le d’abord : /counter remove",
            "Pas plus de {n} compteurs. Retirez-en un d’abord : /counter remove",
        )
        .format(Lang::Fr, n)
    },
    days: |n| Forms::two("{n} jour", "{n} jours").format(Lang::Fr, n),
    in_days: |n| Forms::two("dans {n} jour", "dans {n} jours").format(Lang::Fr, n),
    today: "aujourd’hui",
    days_today: |n| {
        Forms::two("{n} jour aujourd’hui :", "{n} jours aujourd’hui :").format(Lang::Fr, n)
    },
    years_today: |n| {
        Forms::two("{n} an aujourd’hui :", "{n} ans aujourd’hui :").format(Lang::Fr, n)
    },
    is_today: "Aujourd’hui :",
    no_clocks: "Les pages suivies ne montrent pas d’horloges.",
    no_contacts: "Les pages suivies n’indiquent ni téléphone ni adresse.",
    choose_sources: "Touchez une source pour vous y abonner ou vous en désabonner.",
    no_sources: "Il n’y a pas de sources à choisir.",
    read_at: |a| format!("lue pour la dernière fois : {a}"),
    not_read_yet: "pas encore lue",
    unavailable: "illisible en ce moment",
    unavailable_since: |a| format!("illisible en ce moment, lue pour la dernière fois : {a}"),
    subscribed_to: "Abonné",
    unsubscribed_from: "Abonnement terminé",
    too_many_sources: |n| {
        Forms::two(
            "Pas plus de {n} source ici. Désabonnez-vous d’abord : /unwatch",
            "Pas plus de {n} sources ici. Désabonnez-vous d’abord de l’une d’elles : /unwatch",
        )
        .format(Lang::Fr, n)
    },
    watch_off: "L’exploitant de ce bot ne permet pas d’ajouter d’autres pages. /sources montre ce qu’il y a.",
    watch_usage: "Envoyez l’adresse d’une page qui liste des déclarations datées : /watch https://www.example.org/news",
    watch_reading: |a| format!("Lecture de {a} …"),
    page_lists: |n| {
        Forms::two("J’y vois {n} entrée datée :", "J’y vois {n} entrées datées :")
            .format(Lang::Fr, n)
    },
    is_it_right: "Est-ce bien la liste ?",
    subscribe: "S’abonner",
    is_wrong: "Ce n’est pas ça",
    watch_done: "C’est noté. Ce qui est déjà sur la page est connu ; tout ce qui est nouveau paraîtra ici. Pour se désabonner : /unwatch.",
    watch_wrong: "Merci. L’abonnement n’a pas été pris, et l’exploitant de ce bot peut le voir. Une autre page du site conviendra peut-être mieux.",
    watch_full: "Ce bot ne peut pas suivre d’autres pages. /sources montre ce qu’il y a.",
    page_without_list: "Je ne trouve pas de liste datée sur cette page. Le mieux est l’adresse de la page des actualités ou des déclarations.",
    page_forbids: "Ce site ne souhaite pas être lu par des programmes.",
    page_unreachable: "Cette page est injoignable. L’adresse est-elle juste ?",
    which_to_drop: "Se désabonner de quelle source ?",
    unwatched: |a| format!("Abonnement terminé : {a}."),
    colon: " : ",
    language: "Langue",
    zone: "Fuseau horaire",
    frequency: "Messages",
    quiet: "Heures calmes",
    summary: "Longueur",
    words: "Mots",
    counters_below: "Compteurs en bas",
    preview: "Aperçu du lien",
    milestones: "Nombres ronds",
    daily_counters: "Compteurs quotidiens",
    each_source: "Chaque source séparément ›",
    on: "oui",
    off: "non",
    none: "aucune",
    as_chat: "comme la discussion",
    at_once: "tout de suite",
    hourly: "chaque heure",
    daily: "une fois par jour ›",
    weekly: "une fois par semaine ›",
    daily_at: |a| format!("chaque jour à {a}"),
    weekly_at: |a, b| format!("{a}, {b}"),
    quiet_deferred: |a| format!("{a}, les messages attendent"),
    quiet_silent: |a| format!("{a}, sans son"),
    summary_title: "le titre seul",
    summary_lead: "titre et début",
    summary_long: "autant que possible",
    all_entries: "toutes les déclarations",
    only_with: |a| format!("seulement avec : {a}"),
    only_without: |a| format!("pas avec : {a}"),
    which_lang: "Quelle langue dois-je parler ici ? Les propos des sources ne sont pas traduits.",
    which_zone: |a, b| {
        format!(
            "L’heure suivie ici est celle de {a}, où il est {b}. Pour un autre fuseau : /zone Londres, /zone UTC+1"
        )
    },
    which_frequency: "Quand doivent arriver les nouvelles déclarations ?",
    which_hour: "À quelle heure ? Une autre heure : /digest 8:30",
    which_weekday: "Quel jour ? L’heure est celle du message quotidien.",
    which_quiet: "À quelles heures ne pas déranger ? Les messages peuvent attendre ou arriver sans son. D’autres heures : /quiet 22:30-7:15",
    which_summary: "Que montrer d’une déclaration ?",
    which_daily: "À quelle heure annoncer tous les compteurs, chaque jour ?",
    which_own: "Ce qui est choisi pour une source l’emporte sur les réglages de la discussion.",
    words_usage: "Pour ne recevoir que certaines déclarations, ou en écarter, envoyez par exemple :\n/words with tarif, light dues\n/words without brume*\n/words off\nAvec le nom d’une source devant, cela ne vaut que pour elle : /words embassy with visa",
    would_have_come: |n, of| {
        Forms::two(
            "Des {of} dernières déclarations, {n} serait arrivée :",
            "Des {of} dernières déclarations, {n} seraient arrivées :",
        )
        .format(Lang::Fr, n)
        .replace("{of}", &of.to_string())
    },
    zone_usage: "Quel fuseau horaire ? Une ville, le décalage avec UTC ou un nom : /zone Londres, /zone UTC+1, /zone Europe/London",
    zone_near: |a| format!("Ce fuseau horaire n’existe pas. Vouliez-vous dire {a} ?"),
    zone_set: |a, b| format!("L’heure suivie ici est maintenant celle de {a}, où il est {b}."),
    privacy: "Ce qui est conservé de cette discussion : son numéro et son type, sa langue, ses abonnements et réglages, ses compteurs, pendant une semaine les adresses des pages demandées et, pendant quelques semaines, la liste des messages envoyés. Ni noms ni recherches ; de vos messages, seulement une commande tant qu’elle attend sa réponse.\n\nTout cela se trouve sur l’ordinateur de l’exploitant de ce bot, et nulle part ailleurs. /export l’envoie sous forme de fichier. /stop l’efface : aussitôt ou, s’il y a quelque chose à rétablir, au bout de dix minutes.",
    privacy_kept: |a| {
        format!(
            "Cette discussion s’est désabonnée avec /stop. Ce qu’elle avait est conservé jusqu’à {a}, pour pouvoir être rétabli, puis effacé. Renvoyez la commande pour l’effacer aussitôt."
        )
    },
    export: "Tout ce qui est conservé de cette discussion.",
    nothing_kept: "Rien n’est conservé de cette discussion.",
    being_checked: |a| format!("nouveaux éléments en cours de vérification depuis le {a}"),
    held: "De nouveaux éléments sont en attente : cela ne ressemble pas à la liste que je connais.",
    held_none_known: |n| {
        Forms::two(
            "La page montre {n} élément, que je ne connais pas.",
            "La page montre {n} éléments, et je n’en connais aucun.",
        )
        .format(Lang::Fr, n)
    },
    held_many_unknown: |n, of| {
        Forms::two(
            "Sur {of} éléments, il y en a {n} que je ne connais pas, et sa date est ancienne.",
            "Sur {of} éléments, il y en a {n} que je ne connais pas, et certains portent des dates anciennes.",
        )
        .format(Lang::Fr, n)
        .replace("{of}", &of.to_string())
    },
    held_too_many: |n, of| {
        Forms::two(
            "La page montre {n} nouvel élément, après {of} en un jour : plus qu’une institution n’en publie.",
            "La page montre {n} nouveaux éléments, après {of} en un jour : plus qu’une institution n’en publie.",
        )
        .format(Lang::Fr, n)
        .replace("{of}", &of.to_string())
    },
    held_would_post: |n| {
        Forms::two("{n} serait publié.", "{n} seraient publiés.").format(Lang::Fr, n)
    },
    and_more: |n| Forms::two("… et {n} autre", "… et {n} autres").format(Lang::Fr, n),
    held_until: |a| {
        format!(
            "Si personne ne répond et que la liste reste telle quelle, je l’adopte le {a} : elle est enregistrée sans bruit, et la suite est publiée."
        )
    },
    post_them: "Publier",
    store_silently: "Enregistrer sans publier",
    keep_waiting: "Attendre encore",
    held_posting: "Ils seront publiés dans la minute.",
    held_storing: "Ils seront enregistrés sans être publiés. La suite sera publiée comme d’habitude.",
    held_waiting: |a| {
        format!("Toujours en attente. Sans autre réponse, la liste est adoptée le {a}.")
    },
    held_over: "Il n’y a plus rien à décider ici.",
    held_adopted: |n| {
        Forms::two(
            "Personne n’a répondu, la liste est donc adoptée : {n} élément a été enregistré sans bruit. Ce qui vient désormais est publié.",
            "Personne n’a répondu, la liste est donc adoptée : {n} éléments ont été enregistrés sans bruit. Ce qui vient désormais est publié.",
        )
        .format(Lang::Fr, n)
    },
    held_released: "La liste que je connais est revenue. Il n’y a plus rien à décider.",
    held_unposted: |n| {
        Forms::two(
            "{n} élément de la liste en attente n’est plus sur la page et n’a pas été publié.",
            "{n} éléments de la liste en attente ne sont plus sur la page et n’ont pas été publiés.",
        )
        .format(Lang::Fr, n)
    },
    failing: |a| {
        format!(
            "Je ne peux plus la lire depuis le {a}. Ses abonnés ne reçoivent rien pendant ce temps."
        )
    },
    gone: "Son serveur indique que cette page a disparu pour de bon (410). Cherchez sa nouvelle adresse et inscrivez-la dans communique.toml.",
    recovered: |a| format!("Je peux de nouveau la lire. Je ne le pouvais plus depuis le {a}."),
    menu: super::menu::MenuPhrases {
        start: "recevoir les nouvelles déclarations",
        latest: "la dernière déclaration, ou cinq : /latest 5",
        archive: "toutes les déclarations, page par page",
        search: "chercher des mots : /search phare",
        read: "le texte complet d’une déclaration",
        counter: "jours écoulés, comme les pages les comptent",
        time: "l’heure là où sont les institutions",
        contact: "leurs téléphones et adresses",
        sources: "choisir ce qui arrive ici",
        watch: "suivre une autre page",
        settings: "langue, heures, longueur, mots",
        channel: "ce que reçoit votre canal",
        privacy: "ce qui est conservé, et ce qui ne l’est pas",
        export: "la même chose dans un fichier",
        stop: "se désabonner et tout effacer",
        help: "ce que fait ce bot",
    },
};
