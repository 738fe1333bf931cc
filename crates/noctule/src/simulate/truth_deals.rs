//! The truth about deals, their parties and agents, as the last part of `truth.json`.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde_json::{Value, json};

use super::calendar::push_date_time;
use super::compose::Stage;
use super::deals::{Deal, Deals};
use super::people::{self, Venue};
use super::phrases::KINDS;
use super::world::Place;

/// One message about a deal, as it was written.
#[derive(Clone, Copy, Debug)]
pub struct Reference {
    pub deal: u32,
    pub place: u32,
    pub id: i64,
    pub stage: Stage,
}

/// Writes `agents`, `deals` and `parties`; `references` by deal.
pub fn write(out: &mut dyn Write, deals: &Deals<'_>, places: &[Place], references: &[Reference]) -> io::Result<()> {
    write!(out, "\"agents\":[")?;
    for (at, agent) in deals.agents.iter().enumerate() {
        let value = json!({
            "person": agent.person, "kind": agent.kind.word(), "lang": agent.lang.code(),
            "fee_percent": agent.fee_percent, "fee_minimum_usd": agent.fee_minimum, "fee_flat_usd": agent.fee_flat,
            "bond_usd": agent.bond, "two_of_three": agent.two_of_three, "check_hours": agent.check_hours,
            "gone_at": deals.gone_at().filter(|_| at == 0).map(date),
        });
        write!(out, "{}\n{value}", if at == 0 { "" } else { "," })?;
    }
    write!(out, "\n],\n\"deals\":[")?;
    let mut parties: BTreeMap<u64, Roles> = BTreeMap::new();
    for agent in &deals.agents {
        parties.entry(agent.person).or_default().agent = true;
    }
    let mut rest = references;
    for id in 0..deals.count {
        let (own, later) = rest.split_at(rest.partition_point(|r| r.deal <= id));
        rest = later;
        let deal = deals.deal(id);
        parties.entry(deal.seller).or_default().seller = true;
        parties.entry(deal.buyer).or_default().buyer = true;
        if let Some(impersonator) = deal.impersonator {
            parties.entry(impersonator).or_default().impersonator = true;
        }
        write!(out, "{}\n{}", if id == 0 { "" } else { "," }, one(&deal, deals, places, own))?;
    }
    write!(out, "\n],\n\"parties\":[")?;
    for (at, (person, roles)) in parties.iter().enumerate() {
        write!(out, "{}\n{}", if at == 0 { "" } else { "," }, party(deals, *person, roles))?;
    }
    write!(out, "\n]\n")
}

fn one(deal: &Deal, deals: &Deals<'_>, places: &[Place], own: &[Reference]) -> Value {
    let agent = deal.agent.map(|agent| &deals.agents[agent]);
    let mut stages = vec![json!(["advert", date(deal.begun_at)]), json!(["agreed", date(deal.agreed_at)])];
    let (mut outcome, mut cheater) = (if deal.cheated { "cheated" } else { "completed" }, None);
    let mut lost = if deal.cheated { deal.terms.price } else { 0 };
    if let Some(course) = &deal.course {
        for (state, hours) in &course.steps {
            stages.push(json!([state.word(), date(deal.agreed_at + i64::from(*hours) * 3600)]));
        }
        outcome = course.end.word();
        cheater = course.cheat.map(|cheat| cheat.word());
        lost = course.lost;
    } else if deal.cheated {
        cheater = Some("seller");
    }
    let messages: Vec<Value> =
        own.iter().map(|r| json!([places[r.place as usize].key(), r.id, r.stage.word()])).collect();
    json!({
        "id": deal.id, "lang": deal.lang.code(), "kind": KINDS[usize::from(deal.kind)],
        "price_usd": deal.price_usd, "amount": deal.talk.amount, "currency": deal.currency,
        "seller": deal.seller, "buyer": deal.buyer,
        "agent": agent.map(|agent| agent.person), "agent_kind": agent.map(|agent| agent.kind.word()),
        "impersonator": deal.impersonator,
        "fee_percent": agent.map(|agent| agent.fee_percent), "fee_usd": dollars(deal.fee),
        "payer": agent.map(|_| deal.payer.word()),
        "stages": stages, "outcome": outcome,
        "verdict": deal.course.as_ref().and_then(|course| course.verdict).map(|verdict| verdict.word()),
        "gains_usd": deal.course.as_ref().map(|course| json!({
            "buyer": dollars(course.ledger.buyer), "seller": dollars(course.ledger.seller),
            "agent": dollars(course.ledger.agent), "outsider": dollars(course.ledger.outsider),
        })),
        "cheater": cheater, "lost_usd": dollars(lost), "banned": deal.banned,
        "messages": messages,
    })
}

#[derive(Default)]
struct Roles {
    seller: bool,
    buyer: bool,
    agent: bool,
    impersonator: bool,
}

fn party(deals: &Deals<'_>, person: u64, roles: &Roles) -> Value {
    let names = [("seller", roles.seller), ("buyer", roles.buyer), ("agent", roles.agent)];
    let mut roles: Vec<&str> = names.iter().filter(|(_, has)| *has).map(|(name, _)| *name).collect();
    if person & people::IMPERSONATOR != 0 {
        roles.push("impersonator");
    }
    let handle = |venue: Venue, word: &str, from: Option<usize>| {
        let mut handle = String::new();
        people::push_handle_at(&mut handle, deals.seed(), person, venue);
        json!({
            "venue": word, "handle": handle, "account": people::account_at(deals.seed(), person, venue),
            "from": from.map(|month| deals.month_word(month)),
        })
    };
    let mut handles = vec![handle(Venue::Telegram(0), "telegram", None), handle(Venue::Board, "board", None)];
    if let Some(month) = people::comes_back(deals.seed(), person) {
        handles.push(handle(Venue::Telegram(month), "telegram", Some(month)));
    }
    let imitates = (person & people::IMPERSONATOR != 0).then_some(person & !people::IMPERSONATOR);
    json!({ "person": person, "roles": roles, "handles": handles, "imitates": imitates })
}

fn dollars(cents: i64) -> f64 {
    cents as f64 / 100.0
}

fn date(unix: i64) -> String {
    let mut out = Vec::with_capacity(20);
    push_date_time(&mut out, unix);
    out.push(b'Z');
    String::from_utf8(out).expect("digits")
}
