//! Names of months in the languages in which institutions most often publish.

use std::{collections::HashMap, sync::LazyLock};

/// The longest name of a month, in bytes.
const MONTH_BYTES_MAX: usize = 24;

/// Names of months, full or shortened to three letters or more, in the languages in which
/// institutions most often publish; including genitive forms.
static MONTHS: LazyLock<HashMap<String, u32>> = LazyLock::new(|| {
    const NAMES: [&str; 12] = [
        "january января январь janvier januar jänner enero gennaio janeiro січня січень stycznia styczeń ocak يناير",
        "february февраля февраль février fevrier februar febrero febbraio fevereiro лютого лютий lutego luty şubat subat فبراير شباط",
        "march марта март mars märz maerz marzo março marco березня березень marca marzec mart مارس آذار",
        "april апреля апрель avril abril aprile квітня квітень kwietnia kwiecień nisan أبريل ابريل إبريل نيسان",
        "may мая май mai mayo maggio maio травня травень maja maj mayıs mayis مايو أيار",
        "june июня июнь juin juni junio giugno junho червня червень czerwca czerwiec haziran يونيو حزيران",
        "july июля июль juillet juli julio luglio julho липня липень lipca lipiec temmuz يوليو تموز",
        "august августа август août aout agosto серпня серпень sierpnia sierpień ağustos agustos أغسطس اغسطس آب",
        "september сентября сентябрь septembre septiembre setiembre settembre setembro вересня вересень września wrzesień eylül eylul سبتمبر أيلول",
        "october октября октябрь octobre oktober octubre ottobre outubro жовтня жовтень października październik ekim أكتوبر اكتوبر",
        "november ноября ноябрь novembre noviembre novembro листопада листопад listopada listopad kasım kasim نوفمبر",
        "december декабря декабрь décembre dezember diciembre dicembre dezembro грудня грудень grudnia grudzień aralık aralik ديسمبر",
    ];
    let mut months = HashMap::new();
    for (month, names) in (1..).zip(NAMES) {
        for name in names.split(' ') {
            let ends = name.char_indices().map(|(at, c)| at + c.len_utf8());
            for end in ends.skip(2).chain([name.len()]) {
                // A prefix shared by two months means the first.
                months.entry(name[..end].to_owned()).or_insert(month);
            }
        }
    }
    months
});

/// Returns the number of a month by its name.
pub(super) fn month(name: &str) -> Option<u32> {
    (name.len() <= MONTH_BYTES_MAX).then(|| MONTHS.get(&name.to_lowercase()).copied())?
}
