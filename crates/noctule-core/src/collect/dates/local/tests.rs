//! Dates in the hands of many boards.

use super::*;

fn clock() -> Clock {
    // A Thursday.
    let now = "2021-10-14T21:07:00Z".parse::<jiff::Timestamp>().unwrap();
    Clock { zone: TimeZone::UTC, zone_shown: false, now: Some(Micros(now.as_microsecond())), order: DayOrder::DayFirst }
}

fn shown(found: Local) -> String {
    match found {
        Local::Relative => "relative".into(),
        Local::None => "none".into(),
        Local::Found(found) => {
            let at = jiff::Timestamp::from_microsecond(found.at.0).unwrap();
            format!("{}{at}", if found.precise { "" } else { "~" })
        }
    }
}

#[track_caller]
fn check(texts: &[&str], at: &str) {
    for text in texts {
        assert_eq!(shown(find(text, &clock())), at, "{text}");
    }
}

#[test]
fn absolute_dates_in_many_languages() {
    check(
        &[
            "14 окт 2021, 21:07",
            "14 октября 2021 г., 21:07",
            "14 жовтня 2021 21:07",
            "14. Oktober 2021, 21:07 Uhr",
            "14 octobre 2021 à 21:07",
            "jeu. 14 oct. 2021 21h07",
            "14 de octubre de 2021, 21:07",
            "14 de outubro de 2021 às 21:07",
            "14 ottobre 2021, 21:07",
            "14 Ekim 2021, 21:07",
            "14 października 2021 - 21:07",
            "2021年10月14日 21:07",
            "2021年10月14日下午 9:07",
            "2021-10-14 21:07:00",
            "14 Tháng 10 2021, 21:07",
            "14 Oktober 2021 21:07",
            "١٤ أكتوبر ٢٠٢١، ٠٩:٠٧ م",
            "۲۲ مهر ۱۴۰۰، ۲۱:۰۷",
            "۱۴۰۰/۰۷/۲۲ ۲۱:۰۷",
            "October 14th, 2021, 09:07 PM",
            "Oct 14, 2021 at 9:07 p.m.",
            "» Thu Oct 14, 2021 9:07 pm",
            "10/14/2021 9:07 pm",
            "14-10-2021, 21:07",
            "14.10.21 21:07",
            "Posted 14 Oct 2021 - 09:07 PM",
            "Oct. 14, 2021, 9:07 p.m.",
            "14 окт, 21:07",
        ],
        "~2021-10-14T21:07:00Z",
    );
    check(&["Oct. 14, 2021, 8 a.m."], "~2021-10-14T08:00:00Z");
    check(&["14 Oct 2021", "14.10.2021", "2021年10月14日"], "~2021-10-14T00:00:00Z");
    check(&["25 дек, 10:00", "December 25, 10:00"], "~2020-12-25T10:00:00Z");
}

#[test]
fn a_written_zone_is_precise() {
    check(
        &["15.10.2021 00:07:00 UTC+03:00", "14 Oct 2021, 16:07 GMT-5", "2021-10-15 00:07 МСК", "14 Oct 2021 21:07 UTC"],
        "2021-10-14T21:07:00Z",
    );
    let zone = TimeZone::fixed(Offset::constant(3));
    let board = Clock { zone, zone_shown: true, ..clock() };
    assert_eq!(shown(find("15.10.2021, 00:07", &board)), "2021-10-14T21:07:00Z");
    // In the board's zone the day has changed already.
    assert_eq!(shown(find("Сегодня, 00:05", &board)), "~2021-10-14T21:05:00Z");
}

#[test]
fn days_by_name() {
    check(
        &[
            "Вчера, 10:15",
            "Вчора о 10:15",
            "Yesterday, 10:15 AM",
            "Gestern um 10:15 Uhr",
            "Hier à 10:15",
            "Ayer a las 10:15",
            "Ontem às 10:15",
            "Ieri alle 10:15",
            "Dün 10:15",
            "Wczoraj, 10:15",
            "昨天 10:15",
            "昨天上午10:15",
            "Hôm qua lúc 10:15",
            "Kemarin 10:15",
            "أمس 10:15",
            "امس في ١٠:١٥ ص",
            "دیروز ۱۰:۱۵",
            "Mittwoch, 10:15",
            "Wednesday at 10:15 AM",
            "Среда в 10:15",
        ],
        "~2021-10-13T10:15:00Z",
    );
    check(
        &[
            "Сегодня в 13:05",
            "Today at 1:05 PM",
            "Heute, 13:05",
            "Aujourd'hui à 13:05",
            "Hoy, 13:05",
            "Hoje às 13:05",
            "Oggi 13:05",
            "Bugün 13:05",
            "Dzisiaj, 13:05",
            "今天 13:05",
            "Hôm nay, 13:05",
            "Hari ini 13:05",
            "اليوم 13:05",
            "امروز ۱۳:۰۵",
        ],
        "~2021-10-14T13:05:00Z",
    );
    check(&["Thursday, 10:00"], "~2021-10-07T10:00:00Z");
    check(&["Позавчера, 10:15", "前天 10:15"], "~2021-10-12T10:15:00Z");
}

#[test]
fn spans_of_time() {
    check(
        &[
            "5 minutes ago",
            "5 минут назад",
            "5 хвилин тому",
            "vor 5 Minuten",
            "il y a 5 minutes",
            "hace 5 minutos",
            "há 5 minutos",
            "5 minuti fa",
            "5 dakika önce",
            "5 minut temu",
            "5分钟前",
            "5 分鐘前",
            "5 phút trước",
            "5 menit yang lalu",
            "منذ 5 دقائق",
            "۵ دقیقه پیش",
            "5m ago",
        ],
        "~2021-10-14T21:02:00Z",
    );
    check(&["an hour ago", "час назад", "vor einer Stunde", "منذ ساعة"], "~2021-10-14T20:07:00Z");
    check(&["2 weeks ago", "2 недели назад", "2 minggu yang lalu"], "~2021-09-30T21:07:00Z");
    check(&["Just now", "только что", "刚刚"], "~2021-10-14T21:07:00Z");
}

#[test]
fn a_relative_date_needs_a_now() {
    let without = Clock { now: None, ..clock() };
    for text in ["Вчера, 10:15", "5 minutes ago", "just now", "Monday, 10:00", "14 окт, 21:07"] {
        assert_eq!(find(text, &without), Local::Relative, "{text}");
    }
    assert_eq!(shown(find("14.10.2021 21:07", &without)), "~2021-10-14T21:07:00Z");
}

#[test]
fn what_is_no_date() {
    check(
        &[
            "",
            "escrow",
            "12:30",
            "Reply #3",
            "32.13.2021",
            "v1.2.3",
            "10:99",
            "Mark",
            "ago",
            "5 stars",
            "0000-00-00",
            "99999999999",
        ],
        "none",
    );
}

#[test]
fn the_order_of_day_and_month() {
    use OrderFound::{Ambiguous, Decided, NotNeeded};
    let of = |texts: &[&str]| order(texts.iter().copied());
    assert_eq!(of(&["Posted 03-04-2021", "14-10-2021, 21:07"]), Decided(DayOrder::DayFirst));
    assert_eq!(of(&["03/04/2021", "10/14/2021"]), Decided(DayOrder::MonthFirst));
    assert_eq!(of(&["03-04-2021, 09:07 PM"]), Decided(DayOrder::MonthFirst));
    assert_eq!(of(&["03-04-2021, 21:07"]), Ambiguous);
    assert_eq!(of(&["Yesterday", "14.10.2021"]), NotNeeded);
}

#[test]
fn the_zone_of_a_note() {
    for (text, hours) in [
        ("All times are GMT +3. The time now is 10:15 AM.", Some(3)),
        ("All times are UTC+03:00", Some(3)),
        ("Часовой пояс GMT +3, время: 15:07.", Some(3)),
        ("All times are UTC - 5 hours", Some(-5)),
        ("All times are GMT. The time now is 21:07.", Some(0)),
        ("The time now is 21:07.", None),
    ] {
        assert_eq!(offset_of_note(text).map(|offset| offset.seconds()), hours.map(|hours| hours * 3600), "{text}");
    }
}
