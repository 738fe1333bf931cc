//! The words that tell a contact from a channel's tag. Folded as the shadow folds them.

use std::sync::LazyLock;

use super::super::Words;

/// Whether a word makes the handle after it a contact.
pub(super) fn contact(word: &str) -> bool {
    static WORDS: LazyLock<Words> = LazyLock::new(|| CONTACT.split_whitespace().collect());
    WORDS.contains(word)
}

/// Whether a word stands in lines that send readers to a channel, small words between included.
pub(super) fn promotion(word: &str) -> bool {
    static WORDS: LazyLock<Words> = LazyLock::new(|| PROMOTION.split_whitespace().collect());
    WORDS.contains(word)
}

/// Whether a word binds the one after it, so that this one cannot be noise at the end.
pub(super) fn binding(word: &str) -> bool {
    static WORDS: LazyLock<Words> = LazyLock::new(|| BINDING.split_whitespace().collect());
    WORDS.contains(word)
}

const BINDING: &str = "
    for of from in to on at with by the a an and or is are per via no not my your our de del el la los las en con por
    para un una y o fur von aus mit und oder der die das ein eine im am du des le les et ou pour avec di da il e per
    con na no em com ke di dari dan untuk
";

const CONTACT: &str = "
    contact contacts dm pm dms message msg write text hmu order orders buy support seller vendor owner admin
    manager operator tg telegram tele jabber wickr session signal tox xmpp inquiries inbox ping пишите пиши
    писать связь связи лс личку контакт контакты обращаться обращайтесь тг телега телеграм телеграмм
    телеграмме жаба менеджер оператор админ продавец заказ купить напиши напишите escribe escribeme contacto
    schreib kontakt pn md mp schreibt infos anfragen fragen bestellung bestellungen interesse interested interest questions
    question details ask whatsapp interesado interesados dudas pedidos pedido consultas informacion escribir privado
    interesse commande commander interesse acheter вопросам вопросы вопросу интересно кому связаться
";

const PROMOTION: &str = "
    join subscribe follow via channel channels source from by posted our us main official group chat more
    here at the in on to for and link backup reserve new share credit credits forwarded подписаться
    подпишись подписывайся подписывайтесь подписка канал канале каналу наш нас на источник чат группа резерв
    резервный больше тут здесь в и от переслано новости вступай вступайте canal suscribete unete siguenos
    kanal abonnieren
";

/// As [`contact`], in pairs of ideographs.
#[rustfmt::skip]
pub(super) const CONTACT_IDEOGRAPHS: &[&str] = &[
    "联系", "聯系", "联络", "聯繫", "聯絡", "客服", "咨询", "諮詢", "对接", "對接", "私聊", "洽谈", "业务",
    "助理", "財務", "财务", "老板", "飞机", "电报", "合作", "加我", "联糸", "负责"
];

/// As [`promotion`]; longer ones first, because they are taken out of a line in this order.
#[rustfmt::skip]
pub(super) const PROMOTION_IDEOGRAPHS: &[&str] = &[
    "频道链接", "官方频道", "群链接", "频道", "頻道", "交流群", "对接群", "工作群", "群组", "群組", "公群", "订阅",
    "訂閱", "关注", "關注", "来源", "來源", "转发", "轉發", "链接", "导航", "群"
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normalize::shadow_of;

    #[test]
    fn words_are_folded() {
        for word in CONTACT.split_whitespace().chain(PROMOTION.split_whitespace()) {
            assert_eq!(shadow_of(word).text, word, "words are compared with folded ones");
        }
        for word in CONTACT_IDEOGRAPHS {
            assert_eq!(word.chars().count(), 2, "{word} is compared with two ideographs");
        }
    }
}
