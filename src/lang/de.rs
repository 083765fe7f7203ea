//! German.

use super::{phrases::Phrases, plural::Forms};
use crate::domain::Lang;

pub(super) static PHRASES: Phrases = Phrases {
    subscribed: "Abonniert. Hier erscheint jede neue Erklärung von:",
    subscribed_already: "Dieser Chat hat schon abonniert und bekommt weiterhin jede neue Erklärung von:",
    no_sources_chosen: "Dieser Chat bekommt noch nichts. Wählen Sie die Quellen:",
    next_steps: "/latest zeigt die neueste Erklärung, /counter die vergangenen Tage, /settings wann und wie Nachrichten kommen. /stop beendet alles.",
    next_steps_group: "/latest, /search und /counter sind für alle da; was hierher kommt, ändern Admins mit /sources und /settings. /stop beendet es.",
    next_steps_channel: "Was hierher kommt und wann, wählen die Admins des Kanals im privaten Chat mit dem Bot: /channel.",
    introduction: "Guten Tag! Ich poste die Erklärungen von Behörden, sobald sie erscheinen. Ein Admin schickt dafür /start, gern in dem Thema, in das sie sollen. Bis dahin bin ich still.",
    channel_invitation: "Sie haben mich zum Admin eines Kanals gemacht. Was dort erscheint, wählen Sie hier:",
    in_channel: "Im Kanal:",
    in_named_channel: |a| format!("Im Kanal {a}:"),
    channel_menu: |id| {
        format!(
            "Was der Kanal bekommt:\n\nBefehle für ihn schicken Sie hierher, zum Beispiel:\n/words {id} with Tarif, light dues\n/zone {id} Europe/Rome\n/counter {id} add 2020-01-31 seit Beginn der Gespräche\n/watch {id} https://www.example.org/news"
        )
    },
    channel_usage: "Welcher Kanal? Schicken Sie /channel @name oder leiten Sie mir einen seiner Beiträge weiter. Dort müssen wir beide Admins sein.",
    channel_unknown: "Das ist kein Kanal, in dem wir beide Admins sind. Fügen Sie mich als Admin hinzu, der posten darf, und versuchen Sie es noch einmal.",
    settings_of_channel: "Einstellungen des Kanals",
    stopped: "Abbestellt. Über diesen Chat ist nichts mehr gespeichert. /start abonniert wieder.",
    stopped_topic: "Dieses Thema ist abbestellt; die anderen Themen des Chats bleiben, wie sie sind. /start abonniert wieder.",
    stopped_kept: "Abbestellt. Quellen, Einstellungen und Zähler dieses Chats lassen sich zehn Minuten lang wiederherstellen, dann werden sie gelöscht. Schicken Sie den Befehl noch einmal, um sie sofort zu löschen.",
    stopped_topic_kept: "Dieses Thema ist abbestellt; die anderen Themen des Chats bleiben, wie sie sind. Seine Quellen, Einstellungen und Zähler lassen sich zehn Minuten lang wiederherstellen, dann werden sie gelöscht. Schicken Sie den Befehl noch einmal, um sie sofort zu löschen.",
    stopped_channel: |a| format!("{a} ist abbestellt. Über den Kanal ist nichts mehr gespeichert."),
    stopped_channel_kept: |a| {
        format!(
            "{a} ist abbestellt. Quellen, Einstellungen und Zähler des Kanals lassen sich zehn Minuten lang wiederherstellen, dann werden sie gelöscht. Schicken Sie den Befehl noch einmal, um sie sofort zu löschen."
        )
    },
    deleted: "Gelöscht. Wiederherstellen lässt sich nichts mehr. /start abonniert wieder.",
    channel_deleted: |a| format!("Gelöscht. Für {a} lässt sich nichts mehr wiederherstellen."),
    restore: "Wiederherstellen",
    restored: "Wiederhergestellt. Alles ist wie vor /stop.",
    nothing_to_restore: "Hier gibt es nichts mehr wiederherzustellen.",
    restored_too_late: "Zum Wiederherstellen ist es zu spät: Die Daten sind gelöscht.",
    restorable_counts: "Was sich noch wiederherstellen lässt, zählt mit.",
    stop_usage: "Es wurde nichts geändert. Zum Abbestellen schicken Sie:",
    stop_all: "alles",
    stop_source: "eine Quelle",
    stop_channel: "einen Kanal",
    stop_example: "NAME",
    get_back: "Wieder abonnieren",
    last_source: "Das war die letzte Quelle: Hier erscheinen keine Erklärungen mehr.",
    delete_rest: "Alles Übrige löschen",
    not_subscribed_to: |a| format!("Es wurde nichts geändert: {a} ist hier nicht abonniert."),
    not_subscribed: "Dieser Chat hat nichts abonniert. /start abonniert.",
    channel_not_subscribed: |a| format!("{a} hat nichts abonniert."),
    choose_for_channel: "Quellen wählen",
    source_not_chosen: "Diese Quelle hat der Chat nicht abonniert. /sources zeigt alle.",
    admins_only: "Nur Admins können ändern, was hierher kommt. /latest, /search und /counter sind für alle da.",
    admins_unknown: "Telegram hat nicht gesagt, ob Sie hier Admin sind. Bitte versuchen Sie es in einer Minute noch einmal.",
    slow_down: "Einen Moment bitte, das war viel auf einmal.",
    button_old: "Dieser Button stammt von einer früheren Version des Bots. Schicken Sie den Befehl noch einmal.",
    saved: "Gespeichert",
    help: "Erklärungen von Behörden, hier, sobald sie erscheinen.",
    not_understood: "Diesen Befehl gibt es nicht. Es gibt diese:",
    did_you_mean: |a| format!("Diesen Befehl gibt es nicht. Meinten Sie /{a}?"),
    latest: "Neueste",
    counters: "Zähler",
    sources: "Quellen wählen",
    settings: "Einstellungen",
    read: "Hier lesen",
    continue_reading: "Weiter",
    open_page: "Seite öffnen",
    back: "‹ Zurück",
    nothing_yet: "Noch wurde keine Erklärung gelesen. Neue erscheinen hier von selbst.",
    latest_usage: "Wie viele (1 bis 10) oder von welcher Quelle? Zum Beispiel /latest 5 oder, mit einem Namen aus /sources, /latest 3 embassy",
    unknown_source: "Eine Quelle dieses Namens gibt es hier nicht. /sources zeigt alle.",
    new_statements: |n| {
        Forms::two("{n} neue Erklärung", "{n} neue Erklärungen").format(Lang::De, n)
    },
    earlier_ones: |n| Forms::two("{n} frühere", "{n} frühere").format(Lang::De, n),
    undated: |a| format!("ohne Datum, zuerst gesehen am {a}"),
    archive: "Alle Erklärungen",
    nothing_here: "Hier ist nichts.",
    months: "Nach Monat",
    all_months: "Alle Monate",
    one_source: "Nach Quelle",
    all_sources: "Alle Quellen",
    which_source: "Erklärungen welcher Quelle?",
    which_month: "Aus welchem Monat?",
    search_usage: "Was suchen Sie? Zum Beispiel:\n/search Leuchtfeuer\n/search \"light dues\" tariff*\n/search fog -horn",
    search_cut: "Das war zu viel für eine Suche: Nur die ersten Wörter wurden gesucht.",
    nothing_found: "Nichts gefunden. Weniger Wörter finden mehr, auch der Anfang eines Wortes: Leucht*",
    search_again: "Diese Suche ist zu alt. Bitte schicken Sie sie noch einmal.",
    fetching: "Die Erklärung wird geholt …",
    read_usage: "Welche? /read ist die neueste, /read 2 die davor, und so weiter bis 50.",
    statement_gone: "Diese Erklärung oder diesen Teil davon gibt es nicht.",
    no_own_page: "Diese Erklärung hat keine eigene Seite; mehr ist von ihr nicht bekannt.",
    no_whole_text: "Auf der Seite ist kein vollständiger Text zu finden; vielleicht ist es eine Datei oder ein Video.",
    page_unreadable: "Die Seite lässt sich gerade nicht lesen.",
    busy: "Ich hole noch, worum Sie vorhin gebeten haben. Einen Moment bitte.",
    no_counters: "Die beobachteten Seiten zeigen keine Tagezähler. /counter add 2020-01-31 … fügt einen eigenen hinzu.",
    own_counters: "Zähler dieses Chats",
    no_own_counters: "Dieser Chat hat keine eigenen Zähler. /counter add 2020-01-31 … fügt einen hinzu.",
    counter_usage: "Zum Beispiel:\n/counter add 2020-01-31 seit Beginn der Gespräche\n/counter remove 2\n/counter daily 9:00 – alle Zähler jeden Tag, /counter daily off – nicht mehr",
    counter_added: "Hinzugefügt. Runde Zahlen und Jahrestage werden hier gemeldet.",
    counter_removed: "Entfernt.",
    counter_unknown: "Einen Zähler mit dieser Nummer gibt es nicht.",
    too_many_counters: |n| {
        Forms::two(
            "Mehr als {n} Zähler geht nicht. Entfernen Sie ihn zuerst: /counter remove",
            "Mehr als {n} Zähler gehen nicht. Entfernen Sie zuerst einen: /counter remove",
        )
        .format(Lang::De, n)
    },
    days: |n| Forms::two("{n} Tag", "{n} Tage").format(Lang::De, n),
    in_days: |n| Forms::two("in {n} Tag", "in {n} Tagen").format(Lang::De, n),
    today: "heute",
    days_today: |n| Forms::two("Heute {n} Tag:", "Heute {n} Tage:").format(Lang::De, n),
    years_today: |n| Forms::two("Heute {n} Jahr:", "Heute {n} Jahre:").format(Lang::De, n),
    is_today: "Heute:",
    no_clocks: "Die beobachteten Seiten zeigen keine Uhren.",
    no_contacts: "Die beobachteten Seiten nennen weder Telefonnummer noch Anschrift.",
    choose_sources: "Tippen Sie auf eine Quelle, um sie zu abonnieren oder abzubestellen.",
    no_sources: "Es gibt keine Quellen zur Wahl.",
    read_at: |a| format!("zuletzt gelesen: {a}"),
    not_read_yet: "noch nicht gelesen",
    unavailable: "gerade nicht lesbar",
    unavailable_since: |a| format!("gerade nicht lesbar, zuletzt gelesen: {a}"),
    subscribed_to: "Abonniert",
    unsubscribed_from: "Abbestellt",
    too_many_sources: |n| {
        Forms::two(
            "Mehr als {n} Quelle geht hier nicht. Bestellen Sie sie erst ab: /unwatch",
            "Mehr als {n} Quellen gehen hier nicht. Bestellen Sie erst eine ab: /unwatch",
        )
        .format(Lang::De, n)
    },
    watch_off: "Der Betreiber dieses Bots lässt keine weiteren Seiten zu. /sources zeigt, was es gibt.",
    watch_usage: "Schicken Sie die Adresse einer Seite, die datierte Erklärungen auflistet: /watch https://www.example.org/news",
    watch_reading: |a| format!("{a} wird gelesen …"),
    page_lists: |n| {
        Forms::two("Dort sehe ich {n} datierten Eintrag:", "Dort sehe ich {n} datierte Einträge:")
            .format(Lang::De, n)
    },
    is_it_right: "Ist das die richtige Liste?",
    subscribe: "Abonnieren",
    is_wrong: "Das stimmt nicht",
    watch_done: "Abonniert. Was jetzt auf der Seite steht, gilt als bekannt; was neu dazukommt, erscheint hier. Abbestellen: /unwatch.",
    watch_wrong: "Danke. Die Seite wurde nicht abonniert, und der Betreiber dieses Bots kann es sehen. Vielleicht passt eine andere Seite der Website besser.",
    watch_full: "Mehr Seiten kann dieser Bot nicht beobachten. /sources zeigt, was es gibt.",
    page_without_list: "Auf dieser Seite ist keine datierte Liste zu finden. Am besten eignet sich die Seite mit den Nachrichten oder Erklärungen.",
    page_forbids: "Diese Website möchte nicht von Programmen gelesen werden.",
    page_unreachable: "Die Seite ist nicht erreichbar. Stimmt die Adresse?",
    which_to_drop: "Was soll abbestellt werden?",
    unwatched: |a| format!("{a} ist abbestellt."),
    colon: ": ",
    language: "Sprache",
    zone: "Zeitzone",
    frequency: "Nachrichten",
    quiet: "Ruhezeiten",
    summary: "Länge",
    words: "Wörter",
    counters_below: "Zähler darunter",
    preview: "Linkvorschau",
    milestones: "Runde Zahlen",
    daily_counters: "Zähler täglich",
    each_source: "Jede Quelle einzeln ›",
    on: "ja",
    off: "nein",
    none: "keine",
    as_chat: "wie im Chat",
    at_once: "sofort",
    hourly: "stündlich",
    daily: "einmal am Tag ›",
    weekly: "einmal in der Woche ›",
    daily_at: |a| format!("jeden Tag um {a}"),
    weekly_at: |a, b| format!("{a}, {b}"),
    quiet_deferred: |a| format!("{a}, Nachrichten warten"),
    quiet_silent: |a| format!("{a}, ohne Ton"),
    summary_title: "nur der Titel",
    summary_lead: "Titel und Anfang",
    summary_long: "so viel wie möglich",
    all_entries: "alle Erklärungen",
    only_with: |a| format!("nur mit: {a}"),
    only_without: |a| format!("nicht mit: {a}"),
    which_lang: "Welche Sprache soll ich hier sprechen? Die Worte der Quellen werden nicht übersetzt.",
    which_zone: |a, b| {
        format!(
            "Hier gilt die Zeit von {a}; dort ist es jetzt {b}. Eine andere Zone: /zone Wien, /zone UTC+1"
        )
    },
    which_frequency: "Wann sollen neue Erklärungen kommen?",
    which_hour: "Um wie viel Uhr? Eine andere Uhrzeit: /digest 8:30",
    which_weekday: "An welchem Tag? Die Uhrzeit ist die der täglichen Nachricht.",
    which_quiet: "Wann soll Ruhe sein? Nachrichten können warten oder ohne Ton kommen. Andere Zeiten: /quiet 22:30-7:15",
    which_summary: "Wie viel von einer Erklärung soll zu sehen sein?",
    which_daily: "Um wie viel Uhr sollen jeden Tag alle Zähler kommen?",
    which_own: "Was für eine Quelle gewählt ist, geht den Einstellungen des Chats vor.",
    words_usage: "Um nur bestimmte Erklärungen zu bekommen oder bestimmte auszulassen, schicken Sie zum Beispiel:\n/words with Tarif, light dues\n/words without Nebel*\n/words off\nMit dem Namen einer Quelle davor gilt es nur für sie: /words embassy with Visum",
    would_have_come: |n, of| {
        Forms::two(
            "Von den neuesten {of} Erklärungen wäre {n} gekommen:",
            "Von den neuesten {of} Erklärungen wären {n} gekommen:",
        )
        .format(Lang::De, n)
        .replace("{of}", &of.to_string())
    },
    zone_usage: "Welche Zeitzone? Eine Stadt, der Abstand von UTC oder ein Name: /zone Wien, /zone UTC+1, /zone Europe/Vienna",
    zone_near: |a| format!("Diese Zeitzone gibt es nicht. Meinten Sie {a}?"),
    zone_set: |a, b| format!("Hier gilt jetzt die Zeit von {a}; dort ist es {b}."),
    privacy: "Was über diesen Chat gespeichert ist: seine Nummer und Art, die Sprache, Abonnements und Einstellungen, eigene Zähler, eine Woche lang die Adressen angefragter Seiten und einige Wochen lang, welche Nachrichten er bekam. Keine Namen, keine Suchen; von Ihren Nachrichten nur ein Befehl, solange er auf seine Antwort wartet.\n\nEs liegt auf dem Rechner des Betreibers dieses Bots und nirgends sonst. /export schickt es als Datei. /stop löscht es: sofort oder, wenn es etwas wiederherzustellen gibt, nach zehn Minuten.",
    privacy_kept: |a| {
        format!(
            "Dieser Chat hat mit /stop abbestellt. Was er hatte, bleibt bis {a} gespeichert, damit es sich wiederherstellen lässt, und wird dann gelöscht. Schicken Sie den Befehl noch einmal, um es sofort zu löschen."
        )
    },
    export: "Alles, was über diesen Chat gespeichert ist.",
    nothing_kept: "Über diesen Chat ist nichts gespeichert.",
    being_checked: |a| format!("neue Einträge werden seit dem {a} geprüft"),
    held: "Neue Einträge werden zurückgehalten: Das sieht nicht wie die Liste aus, die ich kenne.",
    held_none_known: |n| {
        Forms::two(
            "Die Seite zeigt {n} Eintrag, und ich kenne ihn nicht.",
            "Die Seite zeigt {n} Einträge, und ich kenne keinen davon.",
        )
        .format(Lang::De, n)
    },
    held_many_unknown: |n, of| {
        Forms::two(
            "Von {of} Einträgen kenne ich {n} nicht, und er ist älteren Datums.",
            "Von {of} Einträgen kenne ich {n} nicht, und einige davon sind älteren Datums.",
        )
        .format(Lang::De, n)
        .replace("{of}", &of.to_string())
    },
    held_too_many: |n, of| {
        Forms::two(
            "Die Seite zeigt {n} neuen Eintrag, nach {of} innerhalb eines Tages: mehr, als eine Institution veröffentlicht.",
            "Die Seite zeigt {n} neue Einträge, nach {of} innerhalb eines Tages: mehr, als eine Institution veröffentlicht.",
        )
        .format(Lang::De, n)
        .replace("{of}", &of.to_string())
    },
    held_would_post: |n| {
        Forms::two("{n} würde verschickt.", "{n} würden verschickt.").format(Lang::De, n)
    },
    and_more: |n| Forms::two("… und {n} weiterer", "… und {n} weitere").format(Lang::De, n),
    held_until: |a| {
        format!(
            "Antwortet niemand und bleibt die Liste so, übernehme ich sie am {a}: Sie wird stillschweigend gespeichert, und was später kommt, wird verschickt."
        )
    },
    post_them: "Verschicken",
    store_silently: "Still speichern",
    keep_waiting: "Weiter warten",
    held_posting: "Sie werden innerhalb einer Minute verschickt.",
    held_storing: "Sie werden gespeichert, ohne verschickt zu werden. Was später kommt, wird wie immer verschickt.",
    held_waiting: |a| {
        format!("Weiter zurückgehalten. Ohne eine andere Antwort wird die Liste am {a} übernommen.")
    },
    held_over: "Hier gibt es nichts mehr zu entscheiden.",
    held_adopted: |n| {
        Forms::two(
            "Niemand hat geantwortet, also ist die Liste übernommen: {n} Eintrag wurde stillschweigend gespeichert. Was ab jetzt kommt, wird verschickt.",
            "Niemand hat geantwortet, also ist die Liste übernommen: {n} Einträge wurden stillschweigend gespeichert. Was ab jetzt kommt, wird verschickt.",
        )
        .format(Lang::De, n)
    },
    held_released: "Die bekannte Liste ist wieder da. Es gibt nichts mehr zu entscheiden.",
    held_unposted: |n| {
        Forms::two(
            "{n} Eintrag der zurückgehaltenen Liste steht nicht mehr auf der Seite und wurde nicht verschickt.",
            "{n} Einträge der zurückgehaltenen Liste stehen nicht mehr auf der Seite und wurden nicht verschickt.",
        )
        .format(Lang::De, n)
    },
    failing: |a| {
        format!(
            "Die Quelle lässt sich seit dem {a} nicht lesen. Wer sie abonniert hat, bekommt so lange nichts."
        )
    },
    gone: "Der Server meldet, dass es diese Seite nicht mehr gibt (410). Suchen Sie ihre neue Adresse und tragen Sie sie in communique.toml ein.",
    recovered: |a| format!("Die Quelle lässt sich wieder lesen. Seit dem {a} ging es nicht."),
    menu: super::menu::MenuPhrases {
        start: "neue Erklärungen abonnieren",
        latest: "die neueste Erklärung oder fünf: /latest 5",
        archive: "alle Erklärungen, seitenweise",
        search: "Wörter suchen: /search Leuchtfeuer",
        read: "der vollständige Text einer Erklärung",
        counter: "vergangene Tage, wie die Seiten sie zählen",
        time: "wie spät es bei den Behörden ist",
        contact: "wie sie zu erreichen sind",
        sources: "wählen, was hierher kommt",
        watch: "eine weitere Seite beobachten lassen",
        settings: "Sprache, Zeiten, Länge, Wörter",
        channel: "was Ihr Kanal bekommt",
        privacy: "was gespeichert ist und was nicht",
        export: "dasselbe als Datei",
        stop: "abbestellen und alles löschen",
        help: "was dieser Bot tut",
    },
};
