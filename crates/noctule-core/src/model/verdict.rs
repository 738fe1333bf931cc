//! What the detectors say of one message.

use super::Span;

/// How the use of an escrow agent is spoken of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum Polarity {
    Affirmed,
    Refused,
    Asked,
    Reported,
}

impl Polarity {
    /// The stable word, as stored and printed.
    pub fn word(self) -> &'static str {
        match self {
            Self::Affirmed => "affirmed",
            Self::Refused => "refused",
            Self::Asked => "asked",
            Self::Reported => "reported",
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum Agent {
    Human,
    Automated,
    Unknown,
}

impl Agent {
    pub fn word(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Automated => "automated",
            Self::Unknown => "unknown",
        }
    }
}

#[derive(Clone, PartialEq, Debug)]
pub struct Escrow {
    pub mentioned: bool,
    pub score: f32,
    /// `None` when not mentioned.
    pub polarity: Option<Polarity>,
    /// Spans of the terms in the raw text.
    pub spans: Vec<Span>,
    pub agent: Agent,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Role {
    Seller,
    Buyer,
    Service,
    Hire,
    Exchange,
}

impl Role {
    pub fn word(self) -> &'static str {
        match self {
            Self::Seller => "seller",
            Self::Buyer => "buyer",
            Self::Service => "service",
            Self::Hire => "hire",
            Self::Exchange => "exchange",
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum Payer {
    Buyer,
    Seller,
    Split,
}

impl Payer {
    pub fn word(self) -> &'static str {
        match self {
            Self::Buyer => "buyer",
            Self::Seller => "seller",
            Self::Split => "split",
        }
    }
}

/// An amount as written, in decimal, with its ISO 4217 or coin code (`USD`, `BTC`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Price {
    pub amount: String,
    pub currency: &'static str,
    pub span: Span,
}

#[derive(Clone, PartialEq, Debug)]
pub struct Fee {
    pub percent_min: f64,
    pub percent_max: f64,
    pub payer: Option<Payer>,
    pub span: Span,
}

#[derive(Clone, PartialEq, Debug)]
pub struct Deal {
    pub related: bool,
    pub score: f32,
    /// Kind of goods: `database`, `account`, `access`, …
    pub kind: Option<&'static str>,
    pub role: Option<Role>,
    pub prices: Vec<Price>,
    pub fees: Vec<Fee>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum Party {
    Seller,
    Buyer,
    Agent,
    ThirdParty,
}

impl Party {
    pub fn word(self) -> &'static str {
        match self {
            Self::Seller => "seller",
            Self::Buyer => "buyer",
            Self::Agent => "agent",
            Self::ThirdParty => "third-party",
        }
    }
}

#[derive(Clone, PartialEq, Debug)]
pub struct ScamReport {
    pub is: bool,
    pub score: f32,
    pub accused: Option<Party>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entity {
    pub kind: &'static str,
    /// Refanged and normalized; never a secret.
    pub value: String,
    pub span: Span,
}

/// Everything found in one message. Spans point into the raw text.
#[derive(Clone, PartialEq, Debug)]
pub struct Verdict {
    pub escrow: Escrow,
    pub deal: Deal,
    pub scam_report: ScamReport,
    pub entities: Vec<Entity>,
    /// One sentence a rule that counted, for a person.
    pub why: Vec<String>,
}
