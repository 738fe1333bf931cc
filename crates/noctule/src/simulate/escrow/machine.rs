//! A deal through an escrow agent, as a table of transitions, and the money in it.
//!
//! Amounts are in cents. What a transition does to the money is named by its [`Effect`]; every effect moves amounts
//! between accounts and creates none.

/// Who pays the fee: the word for it is the verdict's, so that truth and finding can be compared.
pub use noctule_core::model::Payer;

/// Where a deal stands. The last six are its ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// Agent, terms and payer of the fee are agreed on.
    Agreed,
    /// The buyer's money is with the agent.
    Funded,
    /// The agent has said so.
    Confirmed,
    /// The seller has handed over; the time to check runs.
    Delivered,
    Disputed,
    Decided,
    /// The seller is paid.
    Released,
    /// The buyer has his money back.
    Refunded,
    /// Both have a part.
    Shared,
    /// Whoever held the money kept it.
    Stolen,
    /// The buyer paid somebody who only looked like the agent.
    Diverted,
    /// Nobody paid anything in time.
    Lapsed,
}

impl State {
    #[cfg(test)]
    const ALL: [Self; 12] = [
        Self::Agreed,
        Self::Funded,
        Self::Confirmed,
        Self::Delivered,
        Self::Disputed,
        Self::Decided,
        Self::Released,
        Self::Refunded,
        Self::Shared,
        Self::Stolen,
        Self::Diverted,
        Self::Lapsed,
    ];

    pub fn word(self) -> &'static str {
        match self {
            Self::Agreed => "agreed",
            Self::Funded => "funded",
            Self::Confirmed => "confirmed",
            Self::Delivered => "delivered",
            Self::Disputed => "disputed",
            Self::Decided => "decided",
            Self::Released => "released",
            Self::Refunded => "refunded",
            Self::Shared => "shared",
            Self::Stolen => "stolen",
            Self::Diverted => "diverted",
            Self::Lapsed => "lapsed",
        }
    }

    pub fn ended(self) -> bool {
        !TRANSITIONS.iter().any(|t| t.from == self)
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Event {
    Fund,
    /// The buyer funds a look-alike.
    Divert,
    Confirm,
    Deliver,
    Accept,
    Dispute,
    /// The arbiter gives his verdict.
    Decide(Verdict),
    CarryOut,
    /// The agent keeps what he holds.
    Steal,
    /// The agent and one party sign for themselves.
    Collude,
    /// Nothing happened until the deadline.
    Expire,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    Refund,
    Pay,
    Split,
}

impl Verdict {
    pub fn word(self) -> &'static str {
        match self {
            Self::Refund => "refund",
            Self::Pay => "payment",
            Self::Split => "split",
        }
    }
}

/// What must hold for a transition.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Guard {
    /// Before the state's deadline.
    InTime,
    /// At the state's deadline or behind it.
    TimeUp,
    /// The agent can move the money by himself.
    AgentAlone,
    /// Two of three signatures move the money.
    TwoOfThree,
    Verdict(Verdict),
}

/// What a transition does to the money.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effect {
    Nothing,
    /// Buyer to the agent's custody: price and the buyer's part of the fee.
    Hold,
    /// Custody back to the buyer.
    PayBack,
    /// Custody to the seller, less the fee.
    PayOut,
    /// Custody to both in equal parts, less the fee.
    Share,
    /// Custody to the agent himself; his bond makes up for it as far as it goes.
    Take,
    /// Custody to the agent and his accomplice in equal parts; the bond as before.
    TakeTogether,
    /// Buyer to an outsider.
    Lose,
}

pub struct Transition {
    pub from: State,
    /// Any verdict stands for all of them.
    pub event: Event,
    pub guard: Guard,
    pub effect: Effect,
    pub to: State,
}

const fn row(from: State, event: Event, guard: Guard, effect: Effect, to: State) -> Transition {
    Transition { from, event, guard, effect, to }
}

/// Everything that can happen. What is not here cannot.
#[rustfmt::skip]
pub static TRANSITIONS: &[Transition] = &[
    row(State::Agreed,    Event::Fund,     Guard::InTime,     Effect::Hold,         State::Funded),
    row(State::Agreed,    Event::Divert,   Guard::InTime,     Effect::Lose,         State::Diverted),
    row(State::Agreed,    Event::Expire,   Guard::TimeUp,     Effect::Nothing,      State::Lapsed),
    row(State::Funded,    Event::Confirm,  Guard::InTime,     Effect::Nothing,      State::Confirmed),
    row(State::Funded,    Event::Steal,    Guard::AgentAlone, Effect::Take,         State::Stolen),
    row(State::Funded,    Event::Expire,   Guard::TimeUp,     Effect::PayBack,      State::Refunded),
    row(State::Confirmed, Event::Deliver,  Guard::InTime,     Effect::Nothing,      State::Delivered),
    row(State::Confirmed, Event::Steal,    Guard::AgentAlone, Effect::Take,         State::Stolen),
    row(State::Confirmed, Event::Collude,  Guard::TwoOfThree, Effect::TakeTogether, State::Stolen),
    row(State::Confirmed, Event::Expire,   Guard::TimeUp,     Effect::PayBack,      State::Refunded),
    row(State::Delivered, Event::Accept,   Guard::InTime,     Effect::PayOut,       State::Released),
    row(State::Delivered, Event::Dispute,  Guard::InTime,     Effect::Nothing,      State::Disputed),
    row(State::Delivered, Event::Steal,    Guard::AgentAlone, Effect::Take,         State::Stolen),
    row(State::Delivered, Event::Collude,  Guard::TwoOfThree, Effect::TakeTogether, State::Stolen),
    row(State::Delivered, Event::Expire,   Guard::TimeUp,     Effect::PayOut,       State::Released),
    row(State::Disputed,  Event::Decide(Verdict::Split), Guard::InTime, Effect::Nothing, State::Decided),
    row(State::Disputed,  Event::Steal,    Guard::AgentAlone, Effect::Take,         State::Stolen),
    row(State::Disputed,  Event::Expire,   Guard::TimeUp,     Effect::Share,        State::Shared),
    row(State::Decided,   Event::CarryOut, Guard::Verdict(Verdict::Refund), Effect::PayBack, State::Refunded),
    row(State::Decided,   Event::CarryOut, Guard::Verdict(Verdict::Pay),    Effect::PayOut,  State::Released),
    row(State::Decided,   Event::CarryOut, Guard::Verdict(Verdict::Split),  Effect::Share,   State::Shared),
    row(State::Decided,   Event::Steal,    Guard::AgentAlone, Effect::Take,         State::Stolen),
    row(State::Decided,   Event::Expire,   Guard::TimeUp,     Effect::Share,        State::Shared),
];

/// What the parties and the agent agreed on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Terms {
    pub price: i64,
    pub fee: i64,
    pub payer: Payer,
    /// What the agent has deposited with others as security.
    pub bond: i64,
    pub two_of_three: bool,
    pub fund_hours: u32,
    pub confirm_hours: u32,
    pub deliver_hours: u32,
    pub check_hours: u32,
    pub decide_hours: u32,
}

impl Terms {
    fn buyer_fee(&self) -> i64 {
        match self.payer {
            Payer::Buyer => self.fee,
            Payer::Seller => 0,
            Payer::Split => self.fee / 2,
        }
    }

    /// What the buyer must bring.
    pub fn due_from_buyer(&self) -> i64 {
        self.price + self.buyer_fee()
    }
}

/// What everybody has won or lost by this deal. The bond starts full; the rest at nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Ledger {
    pub buyer: i64,
    pub seller: i64,
    pub agent: i64,
    pub outsider: i64,
    pub held: i64,
    pub bond: i64,
}

impl Ledger {
    #[cfg(test)]
    fn sum(&self) -> i64 {
        self.buyer + self.seller + self.agent + self.outsider + self.held + self.bond
    }
}

#[derive(Clone, Debug)]
pub struct Machine {
    pub terms: Terms,
    pub state: State,
    pub verdict: Option<Verdict>,
    pub ledger: Ledger,
    /// Hours since the agreement, and when the present state began.
    pub now: u32,
    pub since: u32,
}

impl Machine {
    pub fn new(terms: Terms) -> Self {
        let ledger = Ledger { bond: terms.bond, ..Ledger::default() };
        Self { terms, state: State::Agreed, verdict: None, ledger, now: 0, since: 0 }
    }

    /// Lets time pass.
    pub fn wait(&mut self, hours: u32) {
        self.now = self.now.saturating_add(hours);
    }

    /// Makes the transition of this event, if the table has one whose guard holds; says whether it did.
    pub fn apply(&mut self, event: Event) -> bool {
        let Some(transition) = TRANSITIONS.iter().find(|t| t.from == self.state && self.allows(t, event)) else {
            return false;
        };
        if let Event::Decide(verdict) = event {
            self.verdict = Some(verdict);
        }
        self.pay(transition.effect);
        self.state = transition.to;
        self.since = self.now;
        true
    }

    /// Hours that the present state may last.
    pub fn deadline(&self) -> u32 {
        match self.state {
            State::Agreed => self.terms.fund_hours,
            State::Funded => self.terms.confirm_hours,
            State::Confirmed => self.terms.deliver_hours,
            State::Delivered => self.terms.check_hours,
            _ => self.terms.decide_hours,
        }
    }

    fn allows(&self, transition: &Transition, event: Event) -> bool {
        let same = match (transition.event, event) {
            (Event::Decide(_), Event::Decide(_)) => true,
            (wanted, event) => wanted == event,
        };
        let in_time = self.now - self.since < self.deadline();
        same && match transition.guard {
            Guard::InTime => in_time,
            Guard::TimeUp => !in_time,
            Guard::AgentAlone => !self.terms.two_of_three,
            Guard::TwoOfThree => self.terms.two_of_three,
            Guard::Verdict(verdict) => self.verdict == Some(verdict),
        }
    }

    fn pay(&mut self, effect: Effect) {
        let terms = self.terms;
        let ledger = &mut self.ledger;
        match effect {
            Effect::Nothing => {}
            Effect::Hold => {
                ledger.buyer -= terms.due_from_buyer();
                ledger.held += terms.due_from_buyer();
            }
            Effect::PayBack => {
                ledger.buyer += ledger.held;
                ledger.held = 0;
            }
            Effect::PayOut => {
                let fee = terms.fee.min(ledger.held);
                ledger.agent += fee;
                ledger.seller += ledger.held - fee;
                ledger.held = 0;
            }
            Effect::Share => {
                let fee = terms.fee.min(ledger.held);
                let half = (ledger.held - fee) / 2;
                ledger.agent += fee;
                ledger.buyer += half;
                ledger.seller += ledger.held - fee - half;
                ledger.held = 0;
            }
            Effect::Take | Effect::TakeTogether => {
                let taken = ledger.held;
                ledger.held = 0;
                let accomplice = if effect == Effect::TakeTogether { taken / 2 } else { 0 };
                ledger.agent += taken - accomplice;
                ledger.seller += accomplice;
                // Before the delivery the buyer is robbed; behind it the seller, who has given his goods away.
                let robbed_seller = effect == Effect::Take && self.state == State::Delivered;
                let made_up = ledger.bond.min(taken);
                ledger.bond -= made_up;
                if robbed_seller {
                    ledger.seller += made_up;
                } else {
                    ledger.buyer += made_up;
                }
            }
            Effect::Lose => {
                ledger.buyer -= terms.due_from_buyer();
                ledger.outsider += terms.due_from_buyer();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::rng::Rng;

    const EVENTS: [Event; 13] = [
        Event::Fund,
        Event::Divert,
        Event::Confirm,
        Event::Deliver,
        Event::Accept,
        Event::Dispute,
        Event::Decide(Verdict::Refund),
        Event::Decide(Verdict::Pay),
        Event::Decide(Verdict::Split),
        Event::CarryOut,
        Event::Steal,
        Event::Collude,
        Event::Expire,
    ];

    fn terms(rng: &mut Rng) -> Terms {
        let price = i64::from(rng.between(0, 2_000_000));
        Terms {
            price,
            fee: i64::from(rng.between(0, 400_000)),
            payer: *rng.pick(&[Payer::Buyer, Payer::Seller, Payer::Split]),
            bond: i64::from(rng.between(0, 5_000_000)),
            two_of_three: rng.chance(500),
            fund_hours: rng.between(0, 100),
            confirm_hours: rng.between(0, 30),
            deliver_hours: rng.between(0, 100),
            check_hours: rng.between(0, 100),
            decide_hours: rng.between(0, 200),
        }
    }

    /// Any events in any order at any time.
    #[test]
    fn no_money_is_created_or_lost_and_none_stays_with_the_agent() {
        let mut rng = Rng::new(1);
        let mut ends = Vec::new();
        for _ in 0..40_000 {
            let mut machine = Machine::new(terms(&mut rng));
            let sum = machine.ledger.sum();
            for _ in 0..40 {
                if rng.chance(300) {
                    let hours = rng.below(60);
                    machine.wait(hours);
                }
                let before = machine.clone();
                let moved = machine.apply(*rng.pick(&EVENTS));
                assert_eq!(machine.ledger.sum(), sum, "{before:?} became {machine:?}");
                assert!(moved || (machine.ledger == before.ledger && machine.state == before.state));
                assert!(machine.ledger.held >= 0 && machine.ledger.bond >= 0);
                if machine.state.ended() {
                    assert_eq!(machine.ledger.held, 0, "{machine:?}");
                }
            }
            if machine.state.ended() && !ends.contains(&machine.state) {
                ends.push(machine.state);
            }
        }
        let all: Vec<State> = State::ALL.into_iter().filter(|s| s.ended()).collect();
        assert_eq!(all.len(), 6);
        assert!(all.iter().all(|end| ends.contains(end)), "reached {ends:?}");
    }

    /// Whatever happened, waiting is enough.
    #[test]
    fn every_deal_ends() {
        let mut rng = Rng::new(2);
        for _ in 0..20_000 {
            let mut machine = Machine::new(terms(&mut rng));
            for _ in 0..rng.below(12) {
                let hours = rng.below(20);
                machine.wait(hours);
                machine.apply(*rng.pick(&EVENTS));
            }
            for _ in 0..State::ALL.len() {
                machine.wait(machine.deadline());
                machine.apply(Event::Expire);
            }
            assert!(machine.state.ended(), "{machine:?}");
        }
    }

    #[test]
    fn a_state_has_one_answer_to_an_event() {
        for (index, one) in TRANSITIONS.iter().enumerate() {
            for other in &TRANSITIONS[index + 1..] {
                let same = one.from == other.from && one.event == other.event;
                let apart = match (one.guard, other.guard) {
                    (Guard::Verdict(a), Guard::Verdict(b)) => a != b,
                    _ => false,
                };
                assert!(!same || apart, "{:?} has two answers to {:?}", one.from, one.event);
            }
        }
    }

    #[test]
    fn the_fee_is_paid_by_whoever_agreed_to() {
        let base = Terms {
            price: 10_000,
            fee: 1_000,
            payer: Payer::Buyer,
            bond: 0,
            two_of_three: false,
            fund_hours: 1,
            confirm_hours: 1,
            deliver_hours: 1,
            check_hours: 1,
            decide_hours: 1,
        };
        for (payer, buyer, seller) in
            [(Payer::Buyer, -11_000, 10_000), (Payer::Seller, -10_000, 9_000), (Payer::Split, -10_500, 9_500)]
        {
            let mut machine = Machine::new(Terms { payer, ..base });
            for event in [Event::Fund, Event::Confirm, Event::Deliver, Event::Accept] {
                assert!(machine.apply(event));
            }
            assert_eq!((machine.ledger.buyer, machine.ledger.seller, machine.ledger.agent), (buyer, seller, 1_000));
        }
    }

    #[test]
    fn with_two_signatures_of_three_the_agent_alone_moves_nothing() {
        let mut rng = Rng::new(3);
        for _ in 0..500 {
            let mut machine = Machine::new(Terms { two_of_three: true, fund_hours: 9, ..terms(&mut rng) });
            machine.apply(Event::Fund);
            assert!(!machine.apply(Event::Steal));
        }
    }
}
