//! The words of dates in the languages of forums.
//!
//! Prefixes in lower case, without accents that fall away in lower case (`İ`). Of two prefixes that begin alike the
//! longer one stands first. Arabic yeh and kaf are written as the Persian letters, to which texts are folded, too.

/// Months of the common calendar.
#[rustfmt::skip]
pub(super) static MONTHS: &[(&str, u32)] = &[
    // English, German, Spanish, Portuguese, Italian, French, Indonesian.
    ("jan", 1), ("jän", 1), ("ene", 1), ("gen", 1),
    ("feb", 2), ("fev", 2), ("fév", 2),
    ("mar", 3), ("mär", 3), ("mrz", 3),
    ("apr", 4), ("abr", 4), ("avr", 4),
    ("may", 5), ("mai", 5), ("mag", 5), ("mei", 5), ("maj", 5),
    ("juin", 6), ("jun", 6), ("giu", 6),
    ("juil", 7), ("jul", 7), ("lug", 7),
    ("aug", 8), ("ago", 8), ("août", 8), ("aoû", 8), ("aout", 8), ("agu", 8), ("ags", 8), ("agt", 8),
    ("sep", 9), ("set", 9),
    ("oct", 10), ("okt", 10), ("out", 10), ("ott", 10),
    ("nov", 11), ("nop", 11),
    ("dec", 12), ("dez", 12), ("dic", 12), ("déc", 12), ("des", 12),
    // Russian.
    ("янв", 1), ("фев", 2), ("мар", 3), ("апр", 4), ("май", 5), ("мая", 5), ("мае", 5), ("июн", 6), ("июл", 7),
    ("авг", 8), ("сен", 9), ("окт", 10), ("ноя", 11), ("дек", 12),
    // Ukrainian.
    ("січ", 1), ("лют", 2), ("бер", 3), ("кві", 4), ("тра", 5), ("чер", 6), ("лип", 7), ("сер", 8), ("вер", 9),
    ("жов", 10), ("лис", 11), ("гру", 12),
    // Polish.
    ("sty", 1), ("lut", 2), ("kwi", 4), ("cze", 6), ("lip", 7), ("sie", 8), ("wrz", 9), ("paź", 10), ("paz", 10),
    ("lis", 11), ("gru", 12),
    // Turkish.
    ("oca", 1), ("şub", 2), ("nis", 4), ("haz", 6), ("tem", 7), ("ağu", 8), ("eyl", 9), ("eki", 10), ("kas", 11),
    ("ara", 12),
    // Arabic, with and without the hamza.
    ("ینایر", 1), ("فبرایر", 2), ("مارس", 3), ("أبریل", 4), ("ابریل", 4), ("إبریل", 4), ("مایو", 5), ("یونیو", 6),
    ("یولیو", 7), ("أغسطس", 8), ("اغسطس", 8), ("سبتمبر", 9), ("أکتوبر", 10), ("اکتوبر", 10), ("نوفمبر", 11),
    ("دیسمبر", 12),
    // Persian names of the common calendar.
    ("ژانویه", 1), ("فوریه", 2), ("آوریل", 4), ("ژوئن", 6), ("ژوئیه", 7), ("سپتامبر", 9), ("اکتبر", 10),
    ("نوامبر", 11), ("دسامبر", 12),
];

/// Months of the Persian calendar, whose year begins in March.
#[rustfmt::skip]
pub(super) static PERSIAN_MONTHS: &[(&str, u32)] = &[
    ("فروردین", 1), ("اردیبهشت", 2), ("خرداد", 3), ("تیر", 4), ("مرداد", 5), ("شهریور", 6), ("مهر", 7), ("آبان", 8),
    ("آذر", 9), ("دی", 10), ("بهمن", 11), ("اسفند", 12),
];

/// How many days ago, by one word.
#[rustfmt::skip]
pub(super) static DAYS_AGO: &[(&str, i64)] = &[
    ("today", 0), ("heute", 0), ("сегодня", 0), ("сьогодні", 0), ("aujourd", 0), ("hoy", 0), ("oggi", 0), ("hoje", 0),
    ("bugün", 0), ("dzisiaj", 0), ("dziś", 0), ("今天", 0), ("今日", 0), ("الیوم", 0), ("امروز", 0),
    ("yesterday", 1), ("gestern", 1), ("вчера", 1), ("вчора", 1), ("hier", 1), ("ayer", 1), ("ieri", 1), ("ontem", 1),
    ("dün", 1), ("wczoraj", 1), ("昨天", 1), ("昨日", 1), ("kemarin", 1), ("أمس", 1), ("امس", 1), ("دیروز", 1),
    ("vorgestern", 2), ("позавчера", 2), ("anteayer", 2), ("przedwczoraj", 2), ("前天", 2),
];

/// The same, where it takes two words.
pub(super) static DAYS_AGO_PAIRS: &[(&str, &str, i64)] = &[("hôm", "nay", 0), ("hôm", "qua", 1), ("hari", "ini", 0)];

/// Days of the week from Monday, for boards that write them instead of the date within a week.
#[rustfmt::skip]
pub(super) static WEEKDAYS: [&[&str]; 7] = [
    &["monday", "понедельник", "понеділок", "montag", "lundi", "lunes", "lunedì", "segunda", "pazartesi", "poniedział", "星期一", "周一"],
    &["tuesday", "вторник", "вівторок", "dienstag", "mardi", "martes", "martedì", "terça", "salı", "wtorek", "星期二", "周二"],
    &["wednesday", "среда", "среду", "серед", "mittwoch", "mercredi", "miércoles", "mercoledì", "quarta", "çarşamba", "środ", "星期三", "周三"],
    &["thursday", "четверг", "четвер", "donnerstag", "jeudi", "jueves", "giovedì", "quinta", "perşembe", "czwartek", "星期四", "周四"],
    &["friday", "пятниц", "п'ятниц", "freitag", "vendredi", "viernes", "venerdì", "sexta", "cuma", "piątek", "星期五", "周五"],
    &["saturday", "суббот", "субот", "samstag", "samedi", "sábado", "sabato", "cumartesi", "sobot", "星期六", "周六"],
    &["sunday", "воскресенье", "неділ", "sonntag", "dimanche", "domingo", "domenica", "pazar", "niedziel", "星期日", "星期天", "周日"],
];

/// Units in seconds, by the start of their word. Shorter ones only as a whole word.
#[rustfmt::skip]
pub(super) static UNITS: &[(&str, i64)] = &[
    ("sec", 1), ("сек", 1), ("sek", 1), ("seg", 1), ("saniye", 1), ("秒", 1), ("giây", 1), ("detik", 1), ("ثان", 1), ("ثوان", 1),
    ("minggu", 604_800),
    ("min", 60), ("мин", 60), ("хв", 60), ("dakika", 60), ("dk", 60), ("分", 60), ("phút", 60), ("menit", 60), ("دقیق", 60), ("دقائق", 60), ("دقیق", 60),
    ("hour", 3600), ("hr", 3600), ("час", 3600), ("годин", 3600), ("stund", 3600), ("std", 3600), ("heure", 3600), ("hora", 3600),
    ("ora", 3600), ("ore", 3600), ("saat", 3600), ("godzin", 3600), ("小时", 3600), ("小時", 3600), ("giờ", 3600), ("jam", 3600), ("ساع", 3600),
    ("day", 86_400), ("день", 86_400), ("дн", 86_400), ("tag", 86_400), ("jour", 86_400), ("día", 86_400), ("dia", 86_400),
    ("giorn", 86_400), ("gün", 86_400), ("dni", 86_400), ("dzień", 86_400), ("天", 86_400), ("日", 86_400), ("ngày", 86_400),
    ("hari", 86_400), ("یوم", 86_400), ("أیام", 86_400), ("ایام", 86_400), ("روز", 86_400),
    ("week", 604_800), ("недел", 604_800), ("тиж", 604_800), ("woche", 604_800), ("semaine", 604_800), ("semana", 604_800),
    ("settiman", 604_800), ("hafta", 604_800), ("tydz", 604_800), ("tygod", 604_800), ("周", 604_800), ("星期", 604_800),
    ("週", 604_800), ("tuần", 604_800), ("أسب", 604_800), ("اسب", 604_800), ("هفته", 604_800),
    ("month", 2_592_000), ("месяц", 2_592_000), ("місяц", 2_592_000), ("monat", 2_592_000), ("mois", 2_592_000), ("mes", 2_592_000),
    ("mês", 2_592_000), ("miesi", 2_592_000), ("月", 2_592_000), ("个月", 2_592_000), ("個月", 2_592_000), ("tháng", 2_592_000),
    ("bulan", 2_592_000), ("شهر", 2_592_000), ("أشهر", 2_592_000), ("ماه", 2_592_000),
    ("year", 31_536_000), ("год", 31_536_000), ("лет", 31_536_000), ("рік", 31_536_000), ("рок", 31_536_000), ("jahr", 31_536_000),
    ("ann", 31_536_000), ("año", 31_536_000), ("ano", 31_536_000), ("yıl", 31_536_000), ("rok", 31_536_000), ("lat", 31_536_000),
    ("年", 31_536_000), ("năm", 31_536_000), ("tahun", 31_536_000), ("سنة", 31_536_000), ("سنوات", 31_536_000), ("عام", 31_536_000), ("سال", 31_536_000),
];

/// Units of one or two letters, which begin too many words to be prefixes.
pub(super) static SHORT_UNITS: &[(&str, i64)] = &[
    ("s", 1),
    ("m", 60),
    ("h", 3600),
    ("d", 86_400),
    ("w", 604_800),
    ("y", 31_536_000),
    ("ч", 3600),
    ("ay", 2_592_000),
    ("an", 31_536_000),
    ("ans", 31_536_000),
];

/// Words that make a span of time one that has passed.
#[rustfmt::skip]
pub(super) static AGO: &[&str] = &[
    "ago", "назад", "тому", "vor", "hace", "fa", "atrás", "atras", "há", "önce", "temu", "trước", "lalu", "منذ", "قبل", "پیش",
];

/// Nothing but now.
#[rustfmt::skip]
pub(super) static NOW: &[&str] = &[
    "just now", "moments ago", "a moment ago", "less than a minute ago", "now", "только что", "сейчас", "щойно", "gerade eben",
    "soeben", "à l'instant", "ahora", "ahora mismo", "ora", "proprio ora", "adesso", "agora", "agora mesmo", "az önce", "şimdi",
    "przed chwilą", "刚刚", "剛剛", "刚才", "vừa xong", "baru saja", "الآن", "همین الان",
];
