//! One deal, played: two parties and an agent with temptations run it through the machine.
//!
//! Nobody here cheats by fate. A seller weighs how likely junk goes through, a buyer how often the arbiter errs, an
//! agent what he holds against what he would forfeit. So the settings of the agent change how much is cheated; by
//! *how much* in reality no model can say (`docs/concepts/simulate.md`).

use crate::simulate::rng::Rng;

use super::machine::{Event, Ledger, Machine, State, Terms, Verdict};

/// How people of this world are; in thousandths where nothing else is said.
#[derive(Clone, Copy, Debug)]
pub struct Propensities {
    /// Sellers who would deliver junk if it went through.
    pub seller: u32,
    /// Buyers who would complain about good goods if the arbiter believed them.
    pub buyer: u32,
    /// Agents who would keep the money if it paid.
    pub agent: u32,
    /// Deals in which somebody with a look-alike name steps in for the agent.
    pub impersonator: u32,
    /// Deals in which the buyer lands on a copy of the agent's site.
    pub fake_site: u32,
    /// Verdicts against the right party.
    pub error: u32,
}

impl Propensities {
    pub const USUAL: Self = Self { seller: 90, buyer: 60, agent: 60, impersonator: 8, fake_site: 4, error: 120 };
}

/// What an agent has to lose, and how he works.
#[derive(Clone, Copy, Debug)]
pub struct Standing {
    /// Fees that he expects to earn if he stays, in cents.
    pub franchise: i64,
    /// Money of other deals that he holds at the same time, in cents.
    pub at_hand: i64,
    /// A program: quick, never weary, and copied more easily.
    pub automated: bool,
    /// How many times slower than usual.
    pub slow: u32,
    /// The agent is leaving with everything.
    pub leaving: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cheat {
    Seller,
    Buyer,
    Agent,
    Impersonator,
    FakeSite,
}

impl Cheat {
    pub const ALL: [Self; 5] = [Self::Seller, Self::Buyer, Self::Agent, Self::Impersonator, Self::FakeSite];

    pub fn word(self) -> &'static str {
        match self {
            Self::Seller => "seller",
            Self::Buyer => "buyer",
            Self::Agent => "agent",
            Self::Impersonator => "impersonator",
            Self::FakeSite => "fake-escrow",
        }
    }
}

/// How a deal went.
#[derive(Clone, Debug)]
pub struct Course {
    /// The states behind the agreement, and after how many hours each was reached.
    pub steps: Vec<(State, u32)>,
    pub end: State,
    pub verdict: Option<Verdict>,
    /// Who cheated or tried to.
    pub cheat: Option<Cheat>,
    /// What honest parties lost in goods or money, in cents, after a bond made up for it.
    pub lost: i64,
    pub ledger: Ledger,
}

/// Hours within which half of all junk is noticed.
const HALF_NOTICED_HOURS: u32 = 10;
/// Agents have an accomplice among the parties so seldom, in thousandths of those who would.
const ACCOMPLICE: u32 = 60;

/// Plays a deal to its end. The same random numbers give the same deal.
pub fn play(terms: Terms, people: &Propensities, standing: &Standing, rng: &mut Rng) -> Course {
    let mut game = Game { machine: Machine::new(terms), steps: Vec::with_capacity(6), cheat: None };
    let crooked_seller = rng.chance(people.seller) && rng.chance(seller_hope(&terms, people));
    let crooked_buyer = !crooked_seller && rng.chance(people.buyer) && rng.chance(400 + people.error);
    let thief = standing.leaving || tempted(&terms, people, standing, rng);
    game.run(people, standing, crooked_seller, crooked_buyer, thief, rng);
    let (machine, cheat) = (game.machine, game.cheat);
    let delivered = game.steps.iter().any(|(state, _)| *state == State::Delivered);
    let lost = losses(&machine, cheat, delivered && !crooked_seller);
    Course { steps: game.steps, end: machine.state, verdict: machine.verdict, cheat, lost, ledger: machine.ledger }
}

struct Game {
    machine: Machine,
    steps: Vec<(State, u32)>,
    cheat: Option<Cheat>,
}

impl Game {
    /// Waits, then does it; past the deadline only expiry is possible.
    fn step(&mut self, hours: u32, event: Event) -> bool {
        self.machine.wait(hours);
        let done = self.machine.apply(event) || self.machine.apply(Event::Expire);
        if done {
            self.steps.push((self.machine.state, self.machine.now));
        }
        done
    }

    fn expire(&mut self) {
        let left = (self.machine.since + self.machine.deadline()).saturating_sub(self.machine.now);
        self.step(left, Event::Expire);
    }

    fn run(
        &mut self,
        people: &Propensities,
        standing: &Standing,
        crooked_seller: bool,
        crooked_buyer: bool,
        thief: bool,
        rng: &mut Rng,
    ) {
        let terms = self.machine.terms;
        // Whoever must sign himself looks at the address once more.
        let careful = |per_mille: u32| if terms.two_of_three { per_mille / 3 } else { per_mille };
        if rng.chance(careful(people.impersonator)) {
            self.cheat = Some(Cheat::Impersonator);
            self.step(rng.below(12), Event::Divert);
        } else if rng.chance(careful(if standing.automated { people.fake_site * 3 } else { people.fake_site })) {
            self.cheat = Some(Cheat::FakeSite);
            self.step(rng.below(12), Event::Divert);
        } else if rng.chance(40) {
            self.expire();
        } else {
            self.step(rng.below(20), Event::Fund);
        }
        if self.machine.state != State::Funded {
            return;
        }
        let slow = standing.slow.max(1);
        let pause = |hours: u32| if standing.automated { hours / 6 } else { hours } * slow;
        // Most thieves wait until they are asked for the money.
        let moment = rng.below(3);
        if thief && moment == 0 && self.steal(rng) {
            return;
        }
        let hours = pause(rng.below(4));
        self.step(hours, Event::Confirm);
        if self.machine.state != State::Confirmed {
            return;
        }
        if thief && moment == 1 && self.steal(rng) {
            return;
        }
        // Who means to cheat with nothing gives up when the agent holds the money; junk is delivered instead.
        if rng.chance(25) {
            return self.expire();
        }
        self.step(rng.below(terms.deliver_hours.max(1) * 9 / 10 + 1), Event::Deliver);
        if self.machine.state != State::Delivered {
            return;
        }
        if thief && self.steal(rng) {
            return;
        }
        if crooked_seller {
            self.cheat = Some(Cheat::Seller);
            let noticed_after = noticed_after(rng);
            if noticed_after >= terms.check_hours {
                return self.expire();
            }
            self.step(noticed_after, Event::Dispute);
        } else if crooked_buyer {
            self.cheat = Some(Cheat::Buyer);
            self.step(rng.below(terms.check_hours.max(1)), Event::Dispute);
        } else if rng.chance(150) {
            return self.expire();
        } else {
            self.step(rng.below(terms.check_hours.max(1)), Event::Accept);
            return;
        }
        if self.machine.state != State::Disputed {
            return;
        }
        let right = if crooked_seller { Verdict::Refund } else { Verdict::Pay };
        let wrong = if crooked_seller { Verdict::Pay } else { Verdict::Refund };
        let verdict = match rng.below(1000) {
            n if n < people.error => wrong,
            n if n < people.error + 130 => Verdict::Split,
            _ => right,
        };
        let hours = rng.between(6, 120) * slow;
        if self.step(hours, Event::Decide(verdict)) && self.machine.state == State::Decided {
            self.step(rng.below(6), Event::CarryOut);
        }
    }

    /// The agent takes the money, alone or, where he cannot, with an accomplice.
    fn steal(&mut self, rng: &mut Rng) -> bool {
        let alone = self.step_if(Event::Steal);
        let done = alone || (rng.chance(ACCOMPLICE) && self.step_if(Event::Collude));
        if done {
            self.cheat = Some(Cheat::Agent);
        }
        done
    }

    fn step_if(&mut self, event: Event) -> bool {
        let done = self.machine.apply(event);
        if done {
            self.steps.push((self.machine.state, self.machine.now));
        }
        done
    }
}

/// How likely junk goes through, in thousandths: not noticed in time, or an arbiter who errs.
fn seller_hope(terms: &Terms, people: &Propensities) -> u32 {
    let unnoticed = unnoticed(terms.check_hours);
    // Some try whatever the odds.
    150 + (unnoticed + (1000 - unnoticed) * people.error / 1000) * 850 / 1000
}

/// The share of junk that is not noticed within these hours, in thousandths: it halves every ten hours.
fn unnoticed(hours: u32) -> u32 {
    let whole = hours / HALF_NOTICED_HOURS;
    let part = hours % HALF_NOTICED_HOURS;
    let level = 1000u32.checked_shr(whole).unwrap_or(0);
    level - level / 2 * part / HALF_NOTICED_HOURS
}

fn noticed_after(rng: &mut Rng) -> u32 {
    let mut hours = 0;
    while rng.chance(500) && hours < 400 {
        hours += HALF_NOTICED_HOURS;
    }
    hours + rng.below(HALF_NOTICED_HOURS)
}

/// Whether the agent would rather go: what he holds exceeds what he forfeits and would have earned.
fn tempted(terms: &Terms, people: &Propensities, standing: &Standing, rng: &mut Rng) -> bool {
    let hand = terms.due_from_buyer() + i64::from(rng.below(1000)) * standing.at_hand / 1000;
    let stake = terms.bond + standing.franchise * i64::from(rng.between(200, 1800)) / 1000;
    rng.chance(people.agent) && hand > stake
}

/// What honest parties are short of; `good` when good goods have changed hands, which are counted at their price.
fn losses(machine: &Machine, cheat: Option<Cheat>, good: bool) -> i64 {
    let (ledger, terms) = (&machine.ledger, machine.terms);
    let buyer_paid = (-ledger.buyer).max(0);
    match cheat {
        None => 0,
        // A false complaint costs the seller what he did not get for goods that he gave.
        Some(Cheat::Buyer) => (terms.price - terms.fee - ledger.seller).max(0),
        Some(Cheat::Agent) if good && !terms.two_of_three => (terms.price - ledger.seller).max(0),
        Some(_) => buyer_paid,
    }
}

#[cfg(test)]
mod tests {
    use super::super::machine::Payer;
    use super::*;

    fn terms(check_hours: u32, bond: i64, two_of_three: bool) -> Terms {
        Terms {
            price: 50_000,
            fee: 2_500,
            payer: Payer::Buyer,
            bond,
            two_of_three,
            fund_hours: 24,
            confirm_hours: 24,
            deliver_hours: 48,
            check_hours,
            decide_hours: 240,
        }
    }

    const AGENT: Standing =
        Standing { franchise: 400_000, at_hand: 2_000_000, automated: false, slow: 1, leaving: false };

    fn count(terms: Terms, cheat: Cheat) -> usize {
        let mut rng = Rng::new(5);
        (0..20_000).filter(|_| play(terms, &Propensities::USUAL, &AGENT, &mut rng).cheat == Some(cheat)).count()
    }

    #[test]
    fn every_game_ends_and_honest_games_cost_nothing() {
        let mut rng = Rng::new(4);
        let mut ends = 0;
        for _ in 0..20_000 {
            let course = play(terms(24, 0, false), &Propensities::USUAL, &AGENT, &mut rng);
            assert!(course.end.ended(), "{course:?}");
            assert!(course.lost >= 0 && course.lost <= 60_000, "{course:?}");
            assert!(course.cheat.is_some() || course.lost == 0);
            assert!(course.steps.windows(2).all(|pair| pair[0].1 <= pair[1].1));
            ends |= 1 << course.end as u32;
        }
        assert_eq!(u32::count_ones(ends), 6, "each end is reached by people too");
    }

    #[test]
    fn what_deters_deters() {
        assert!(count(terms(4, 0, false), Cheat::Seller) > count(terms(72, 0, false), Cheat::Seller) * 3 / 2);
        assert!(count(terms(24, 0, false), Cheat::Agent) > count(terms(24, 3_000_000, false), Cheat::Agent) * 2);
        assert!(count(terms(24, 0, false), Cheat::Agent) > count(terms(24, 0, true), Cheat::Agent) * 3);
    }

    #[test]
    fn junk_is_noticed_by_halves() {
        assert_eq!([0, 10, 20, 5].map(unnoticed), [1000, 500, 250, 750]);
        assert_eq!(unnoticed(10_000), 0);
    }
}
