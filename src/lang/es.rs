//! Spanish.

use super::{phrases::Phrases, plural::Forms};
use crate::domain::Lang;

pub(super) static PHRASES: Phrases = Phrases {
    subscribed: "Suscripción hecha. Aquí se publicará cada nueva declaración de:",
    subscribed_already: "Este chat ya está suscrito y seguirá recibiendo cada nueva declaración de:",
    no_sources_chosen: "Aquí no llega nada todavía. Elija las fuentes:",
    next_steps: "/latest muestra la última declaración, /counter los días transcurridos, /settings cuándo y cómo llegan los mensajes. /stop lo cancela todo.",
    next_steps_group: "/latest, /search y /counter son para todos; los administradores cambian lo que llega aquí con /sources y /settings. /stop lo cancela.",
    next_steps_channel: "Sus administradores eligen qué llega aquí, y cuándo, en un chat privado con este bot: /channel.",
    introduction: "¡Hola! Publico las declaraciones de las instituciones en cuanto aparecen. Un administrador puede enviar /start, en el tema que quiera. Hasta entonces no digo nada.",
    channel_invitation: "Me ha hecho administrador de un canal. Lo que se publica allí se elige aquí:",
    in_channel: "En el canal:",
    in_named_channel: |a| format!("En el canal {a}:"),
    channel_menu: |id| {
        format!(
            "Lo que recibe el canal:\n\nLos comandos para él se envían aquí, por ejemplo:\n/words {id} with tarifa, light dues\n/zone {id} Europe/Rome\n/counter {id} add 2020-01-31 desde que empezaron las conversaciones\n/watch {id} https://www.example.org/news"
        )
    },
    channel_usage: "¿Qué canal? Envíe /channel @nombre o reenvíeme una de sus publicaciones. Los dos tenemos que ser administradores allí.",
    channel_unknown: "Ese no es un canal donde los dos seamos administradores. Añádame como administrador que puede publicar e inténtelo de nuevo.",
    settings_of_channel: "Ajustes del canal",
    stopped: "Suscripción cancelada. Ya no se guarda nada de este chat. /start suscribe de nuevo.",
    stopped_topic: "Este tema ya no está suscrito; los demás temas del chat siguen igual. /start lo suscribe de nuevo.",
    stopped_kept: "Suscripción cancelada. Las fuentes, los ajustes y los contadores de este chat se pueden restaurar durante diez minutos; después se borran. Envíe el comando otra vez para borrarlos al momento.",
    stopped_topic_kept: "Este tema ya no está suscrito; los demás temas del chat siguen igual. Sus fuentes, ajustes y contadores se pueden restaurar durante diez minutos; después se borran. Envíe el comando otra vez para borrarlos al momento.",
    stopped_channel: |a| format!("{a} ya no está suscrito. No se guarda nada de este canal."),
    stopped_channel_kept: |a| {
        format!(
            "{a} ya no está suscrito. Las fuentes, los ajustes y los contadores del canal se pueden restaurar durante diez minutos; después se borran. Envíe el comando otra vez para borrarlos al momento."
        )
    },
    deleted: "Borrado. Ya no hay nada que restaurar. /start suscribe de nuevo.",
    channel_deleted: |a| format!("Borrado. Ya no hay nada que restaurar de {a}."),
    restore: "Restaurar",
    restored: "Restaurado. Todo está como antes de /stop.",
    nothing_to_restore: "Aquí ya no hay nada que restaurar.",
    restored_too_late: "Es demasiado tarde para restaurarlo: ya se ha borrado.",
    restorable_counts: "Lo que aún se puede restaurar también cuenta.",
    stop_usage: "No se ha cambiado nada. Para darse de baja, envíe:",
    stop_all: "de todo",
    stop_source: "de una fuente",
    stop_channel: "dar de baja un canal",
    stop_example: "NOMBRE",
    get_back: "Para volver a suscribirse",
    last_source: "Era la última fuente: aquí ya no llegan declaraciones.",
    delete_rest: "Para borrar todo lo demás",
    not_subscribed_to: |a| format!("No se ha cambiado nada: aquí no hay suscripción a {a}."),
    not_subscribed: "Este chat no está suscrito. /start lo suscribe.",
    channel_not_subscribed: |a| format!("{a} no está suscrito."),
    choose_for_channel: "Para elegir sus fuentes",
    source_not_chosen: "Este chat no está suscrito a esa fuente. /sources las muestra todas.",
    admins_only: "Solo los administradores pueden cambiar lo que llega aquí. /latest, /search y /counter son para todos.",
    admins_unknown: "Telegram no ha dicho si usted es administrador aquí. Inténtelo de nuevo en un minuto.",
    slow_down: "Un momento, por favor: demasiado de una vez.",
    button_old: "Este botón es de una versión anterior del bot. Envíe el comando otra vez.",
    saved: "Guardado",
    help: "Declaraciones de instituciones, aquí, en cuanto se publican.",
    not_understood: "Ese comando no existe. Estos son los que hay:",
    did_you_mean: |a| format!("Ese comando no existe. ¿Quería decir /{a}?"),
    latest: "La última",
    counters: "Contadores",
    sources: "Elegir fuentes",
    settings: "Ajustes",
    read: "Leer aquí",
    continue_reading: "Seguir",
    open_page: "Abrir la página",
    back: "‹ Atrás",
    nothing_yet: "Todavía no se ha leído ninguna declaración. Las nuevas llegarán aquí solas.",
    latest_usage: "¿Cuántas (del 1 al 10), o de qué fuente? Por ejemplo /latest 5 o, con un nombre de /sources, /latest 3 embassy",
    unknown_source: "Aquí no hay ninguna fuente con ese nombre. /sources las muestra todas.",
    new_statements: |n| {
        Forms::two("{n} declaración nueva", "{n} declaraciones nuevas").format(Lang::Es, n)
    },
    earlier_ones: |n| Forms::two("{n} anterior", "{n} anteriores").format(Lang::Es, n),
    undated: |a| format!("sin fecha, vista por primera vez el {a}"),
    archive: "Todas las declaraciones",
    nothing_here: "Aquí no hay nada.",
    months: "Por mes",
    all_months: "Todos los meses",
    one_source: "Por fuente",
    all_sources: "Todas las fuentes",
    which_source: "¿Declaraciones de qué fuente?",
    which_month: "¿De qué mes?",
    search_usage: "¿Qué busca? Por ejemplo:\n/search faro\n/search \"light dues\" tariff*\n/search fog -horn",
    search_cut: "Era demasiado para una sola búsqueda: solo se buscaron las primeras palabras.",
    nothing_found: "No se ha encontrado nada. Con menos palabras se encuentra más, y también con el principio de una: far*",
    search_again: "Esta búsqueda es demasiado antigua. Envíela otra vez.",
    fetching: "Descargando la declaración …",
    read_usage: "¿Cuál? /read es la última, /read 2 la anterior, y así hasta 50.",
    statement_gone: "No existe esa declaración, o esa parte de ella.",
    no_own_page: "Esta declaración no tiene página propia; no se sabe más de ella.",
    no_whole_text: "En su página no hay un texto completo: puede ser un archivo o un vídeo.",
    page_unreadable: "Su página no se puede leer en este momento.",
    busy: "Todavía estoy descargando lo que pidió antes. Un momento, por favor.",
    no_counters: "Las páginas que se siguen no muestran contadores de días. /counter add 2020-01-31 … añade uno propio.",
    own_counters: "Contadores de este chat",
    no_own_counters: "Este chat no tiene contadores propios. /counter add 2020-01-31 … añade uno.",
    counter_usage: "Por ejemplo:\n/counter add 2020-01-31 desde que empezaron las conversaciones\n/counter remove 2\n/counter daily 9:00 – todos los contadores cada día, /counter daily off – ya no",
    counter_added: "Añadido. Sus números redondos y aniversarios se anunciarán aquí.",
    counter_removed: "Eliminado.",
    counter_unknown: "No hay ningún contador con ese número.",
    too_many_counters: |n| {
        Forms::two(
            "No cabe más de {n} contador. Elimínelo primero: /counter remove",
            "No caben más de {n} contadores. Elimine uno primero: /counter remove",
        )
        .format(Lang::Es, n)
    },
    days: |n| Forms::two("{n} día", "{n} días").format(Lang::Es, n),
    in_days: |n| Forms::two("dentro de {n} día", "dentro de {n} días").format(Lang::Es, n),
    today: "hoy",
    days_today: |n| Forms::two("Hoy, {n} día:", "Hoy, {n} días:").format(Lang::Es, n),
    years_today: |n| Forms::two("Hoy, {n} año:", "Hoy, {n} años:").format(Lang::Es, n),
    is_today: "Hoy:",
    no_clocks: "Las páginas que se siguen no muestran relojes.",
    no_contacts: "Las páginas que se siguen no muestran ni teléfono ni dirección.",
    choose_sources: "Toque una fuente para suscribirse o darse de baja.",
    no_sources: "No hay fuentes que elegir.",
    read_at: |a| format!("leída por última vez: {a}"),
    not_read_yet: "todavía no leída",
    unavailable: "no se puede leer ahora",
    unavailable_since: |a| format!("no se puede leer ahora; leída por última vez: {a}"),
    subscribed_to: "Suscrito",
    unsubscribed_from: "Suscripción cancelada",
    too_many_sources: |n| {
        Forms::two(
            "Aquí no puede haber más de {n} fuente. Dese de baja primero: /unwatch",
            "Aquí no puede haber más de {n} fuentes. Dese de baja de una primero: /unwatch",
        )
        .format(Lang::Es, n)
    },
    watch_off: "El responsable de este bot no permite añadir otras páginas. /sources muestra lo que hay.",
    watch_usage: "Envíe la dirección de una página con una lista de declaraciones con fecha: /watch https://www.example.org/news",
    watch_reading: |a| format!("Leyendo {a} …"),
    page_lists: |n| {
        Forms::two("Allí veo {n} entrada con fecha:", "Allí veo {n} entradas con fecha:")
            .format(Lang::Es, n)
    },
    is_it_right: "¿Es esa la lista?",
    subscribe: "Suscribirse",
    is_wrong: "No es eso",
    watch_done: "Suscripción hecha. Lo que está ahora en la página ya se conoce; lo nuevo llegará aquí. Para darse de baja: /unwatch.",
    watch_wrong: "Gracias. No se ha hecho la suscripción y el responsable de este bot puede verlo. Quizá sirva mejor otra página de ese sitio.",
    watch_full: "Este bot no puede seguir más páginas. /sources muestra lo que hay.",
    page_without_list: "En esa página no hay una lista con fechas. Lo mejor es la dirección de la página de noticias o declaraciones.",
    page_forbids: "Ese sitio no quiere que lo lean programas.",
    page_unreachable: "No se puede llegar a esa página. ¿Es correcta la dirección?",
    which_to_drop: "¿De qué fuente quiere darse de baja?",
    unwatched: |a| format!("Suscripción cancelada: {a}."),
    colon: ": ",
    language: "Idioma",
    zone: "Zona horaria",
    frequency: "Mensajes",
    quiet: "Horas de silencio",
    summary: "Longitud",
    words: "Palabras",
    counters_below: "Contadores debajo",
    preview: "Vista previa",
    milestones: "Números redondos",
    daily_counters: "Contadores diarios",
    each_source: "Cada fuente por separado ›",
    on: "sí",
    off: "no",
    none: "ninguna",
    as_chat: "como el chat",
    at_once: "al momento",
    hourly: "cada hora",
    daily: "una vez al día ›",
    weekly: "una vez a la semana ›",
    daily_at: |a| format!("cada día a las {a}"),
    weekly_at: |a, b| format!("{a}, {b}"),
    quiet_deferred: |a| format!("{a}, los mensajes esperan"),
    quiet_silent: |a| format!("{a}, sin sonido"),
    summary_title: "solo el título",
    summary_lead: "título y comienzo",
    summary_long: "cuanto quepa",
    all_entries: "todas las declaraciones",
    only_with: |a| format!("solo con: {a}"),
    only_without: |a| format!("no con: {a}"),
    which_lang: "¿En qué idioma debo hablar aquí? Las palabras de las fuentes no se traducen.",
    which_zone: |a, b| {
        format!(
            "Aquí se usa la hora de {a}, donde ahora son las {b}. Para otra zona: /zone Londres, /zone UTC+1"
        )
    },
    which_frequency: "¿Cuándo deben llegar las declaraciones nuevas?",
    which_hour: "¿A qué hora? Otra hora: /digest 8:30",
    which_weekday: "¿Qué día? La hora es la del mensaje diario.",
    which_quiet: "¿A qué horas no molestar? Los mensajes pueden esperar o llegar sin sonido. Otras horas: /quiet 22:30-7:15",
    which_summary: "¿Cuánto se debe mostrar de una declaración?",
    which_daily: "¿A qué hora mostrar todos los contadores, cada día?",
    which_own: "Lo que se elige para una fuente tiene prioridad sobre lo del chat.",
    words_usage: "Para recibir solo algunas declaraciones, o descartar otras, envíe por ejemplo:\n/words with tarifa, light dues\n/words without niebla*\n/words off\nCon el nombre de una fuente delante, vale solo para ella: /words embassy with visado",
    would_have_come: |n, of| {
        Forms::two(
            "De las últimas {of} declaraciones habría llegado {n}:",
            "De las últimas {of} declaraciones habrían llegado {n}:",
        )
        .format(Lang::Es, n)
        .replace("{of}", &of.to_string())
    },
    zone_usage: "¿Qué zona horaria? Una ciudad, la diferencia con UTC o un nombre: /zone Londres, /zone UTC+1, /zone Europe/London",
    zone_near: |a| format!("Esa zona horaria no existe. ¿Quería decir {a}?"),
    zone_set: |a, b| format!("Aquí se usa ahora la hora de {a}, donde son las {b}."),
    privacy: "Lo que se guarda de este chat: su número y tipo, el idioma, sus suscripciones y ajustes, sus contadores, durante una semana las direcciones de las páginas consultadas y, durante unas semanas, qué mensajes se le enviaron. Ni nombres ni búsquedas; de sus mensajes, solo una orden mientras espera su respuesta.\n\nEstá en el ordenador del responsable de este bot y en ningún otro sitio. /export lo envía como archivo. /stop lo borra: al momento o, si hay algo que restaurar, a los diez minutos.",
    privacy_kept: |a| {
        format!(
            "Este chat se dio de baja con /stop. Lo que tenía se guarda hasta las {a}, para poder restaurarlo, y después se borra. Envíe el comando otra vez para borrarlo al momento."
        )
    },
    export: "Todo lo que se guarda de este chat.",
    nothing_kept: "No se guarda nada de este chat.",
    being_checked: |a| format!("se están comprobando entradas nuevas desde el {a}"),
    held: "Hay entradas nuevas retenidas: esto no se parece a la lista que conozco.",
    held_none_known: |n| {
        Forms::two(
            "La página muestra {n} entrada, que no conozco.",
            "La página muestra {n} entradas, y no conozco ninguna.",
        )
        .format(Lang::Es, n)
    },
    held_many_unknown: |n, of| {
        Forms::two(
            "De {of} entradas hay {n} que no conozco, y su fecha es antigua.",
            "De {of} entradas hay {n} que no conozco, y algunas tienen fechas antiguas.",
        )
        .format(Lang::Es, n)
        .replace("{of}", &of.to_string())
    },
    held_too_many: |n, of| {
        Forms::two(
            "La página muestra {n} entrada nueva, después de {of} en un día: más de lo que publica una institución.",
            "La página muestra {n} entradas nuevas, después de {of} en un día: más de lo que publica una institución.",
        )
        .format(Lang::Es, n)
        .replace("{of}", &of.to_string())
    },
    held_would_post: |n| {
        Forms::two("Se publicaría {n}.", "Se publicarían {n}.").format(Lang::Es, n)
    },
    and_more: |n| Forms::two("… y {n} más", "… y {n} más").format(Lang::Es, n),
    held_until: |a| {
        format!(
            "Si nadie responde y la lista sigue igual, la adoptaré el {a}: se guarda en silencio, y lo que llegue después se publica."
        )
    },
    post_them: "Publicar",
    store_silently: "Guardar sin publicar",
    keep_waiting: "Seguir esperando",
    held_posting: "Se publicarán en menos de un minuto.",
    held_storing: "Se guardarán sin publicarse. Lo que llegue después se publicará como siempre.",
    held_waiting: |a| format!("Siguen retenidas. Sin otra respuesta, la lista se adoptará el {a}."),
    held_over: "Aquí ya no hay nada que decidir.",
    held_adopted: |n| {
        Forms::two(
            "Nadie respondió, así que la lista queda adoptada: se guardó {n} entrada en silencio. Lo que llegue desde ahora se publica.",
            "Nadie respondió, así que la lista queda adoptada: se guardaron {n} entradas en silencio. Lo que llegue desde ahora se publica.",
        )
        .format(Lang::Es, n)
    },
    held_released: "La lista que conozco ha vuelto. Ya no hay nada que decidir.",
    held_unposted: |n| {
        Forms::two(
            "{n} entrada de la lista retenida ya no está en la página y no se publicó.",
            "{n} entradas de la lista retenida ya no están en la página y no se publicaron.",
        )
        .format(Lang::Es, n)
    },
    failing: |a| {
        format!("No puedo leerla desde el {a}. Sus suscriptores no reciben nada mientras tanto.")
    },
    gone: "Su servidor dice que esta página ya no existe (410). Busque su nueva dirección y escríbala en communique.toml.",
    recovered: |a| format!("Puedo volver a leerla. No podía desde el {a}."),
    menu: super::menu::MenuPhrases {
        start: "recibir las nuevas declaraciones",
        latest: "la última declaración, o cinco: /latest 5",
        archive: "todas las declaraciones, página a página",
        search: "buscar palabras: /search faro",
        read: "el texto completo de una declaración",
        counter: "días transcurridos, como los cuentan las páginas",
        time: "la hora donde están las instituciones",
        contact: "sus teléfonos y direcciones",
        sources: "elegir lo que llega aquí",
        watch: "seguir otra página",
        settings: "idioma, horas, longitud, palabras",
        channel: "lo que recibe su canal",
        privacy: "lo que se guarda y lo que no",
        export: "lo mismo en un archivo",
        stop: "darse de baja y borrarlo todo",
        help: "lo que hace este bot",
    },
};
