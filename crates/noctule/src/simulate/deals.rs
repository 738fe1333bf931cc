//! Deals that run through their stages, and what of them is said in public.
//!
//! A deal follows from its number, so none is kept: it is made again wherever it is needed. What is kept is the
//! [`Schedule`]: which deal is spoken of where and when. Agents are people like the others, but known by name, and
//! each has rules of his own. The course of a deal is played by [`super::escrow::play`].

use std::borrow::Cow;

use super::calendar::{DAY_SECS, days_from_civil};
use super::compose::{Composer, Stage, Talk};
use super::escrow::machine::{Payer, State, Terms, Verdict};
use super::escrow::play::{Cheat, Course, Propensities, Standing, play};
use super::people::{self, Venue};
use super::phrases::{KINDS, Lang};
use super::prices;
use super::rng::Rng;
use super::scenario::Scenario;
use super::world::{ChatKind, Place};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AgentKind {
    Human,
    Automated,
    /// The administration of a board.
    Board,
}

impl AgentKind {
    pub fn word(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Automated => "automated",
            Self::Board => "forum-service",
        }
    }
}

/// An escrow agent and his rules.
#[derive(Clone, Debug)]
pub struct Agent {
    pub person: u64,
    pub lang: Lang,
    pub kind: AgentKind,
    pub fee_percent: u32,
    /// In dollars; 0 when there is none.
    pub fee_minimum: u32,
    /// A flat fee in dollars instead of a share, for small deals.
    pub fee_flat: Option<u32>,
    pub bond: u32,
    pub two_of_three: bool,
    pub check_hours: u32,
}

pub struct Deal {
    pub id: u32,
    pub lang: Lang,
    pub kind: u8,
    /// Unix time of the advert.
    pub begun_at: i64,
    /// Unix time at which the terms were agreed on; the course counts from here.
    pub agreed_at: i64,
    /// Where the advert stands, where the parties talk, and where they quarrel.
    pub advert_at: usize,
    pub home: usize,
    pub court: usize,
    pub seller: u64,
    pub buyer: u64,
    pub impersonator: Option<u64>,
    /// Index of the agent; `None` for a deal without one.
    pub agent: Option<usize>,
    pub price_usd: u32,
    pub currency: &'static str,
    /// In cents.
    pub fee: i64,
    pub payer: Payer,
    pub terms: Terms,
    pub course: Option<Course>,
    /// Of a deal without an agent: the seller took the money and delivered nothing of worth.
    pub cheated: bool,
    pub banned: bool,
    pub talk: Talk,
    pub seed: u64,
}

/// Something said about a deal, at a time and place.
#[derive(Clone, Copy, Debug)]
pub struct Said {
    pub place: u32,
    pub at: i64,
    pub deal: u32,
    pub stage: Stage,
    pub escrow: bool,
}

/// Everything that will be said about deals, by place and time.
pub struct Schedule {
    said: Vec<Said>,
    /// Where each place's part begins.
    starts: Vec<usize>,
}

impl Schedule {
    pub fn of_place(&self, place: usize) -> &[Said] {
        &self.said[self.starts[place]..self.starts[place + 1]]
    }
}

pub struct Deals<'a> {
    seed: u64,
    scenario: &'a Scenario,
    composer: &'a Composer,
    places: &'a [Place],
    pub agents: Vec<Agent>,
    pub count: u32,
    /// Per month: running sums of the weights of places where people talk.
    homes: Vec<Vec<(usize, u64)>>,
    months: Vec<u64>,
}

/// Deals of which something is said in public, at most.
const MOST_DEALS: u64 = 20_000;
const MESSAGES_PER_DEAL: u64 = 150;

impl<'a> Deals<'a> {
    pub fn new(seed: u64, scenario: &'a Scenario, messages: u64, composer: &'a Composer, places: &'a [Place]) -> Self {
        let count = (messages / MESSAGES_PER_DEAL).min(MOST_DEALS) as u32;
        let mut running = 0;
        let months = scenario.escrow_weights().into_iter().map(|w| {
            running += w;
            running
        });
        let months = months.collect();
        let homes = (0..scenario.months())
            .map(|month| {
                let mut sum = 0;
                let talk = |p: &&Place| p.kind.is_group() && p.messages[month] > 0;
                let weigh = |p: &Place| {
                    sum += u64::from(p.messages[month]);
                    (p.index, sum)
                };
                places.iter().filter(talk).map(weigh).collect()
            })
            .collect();
        Self { seed, scenario, composer, places, agents: agents(seed, count), count, homes, months }
    }

    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// `2021-07`, also behind the window.
    pub fn month_word(&self, month: usize) -> String {
        self.scenario.month(month).word()
    }

    /// What is said of all deals, within the budget of each place and month.
    pub fn schedule(&self) -> Schedule {
        let months = self.scenario.months();
        let mut spent = vec![(0u32, 0u32); self.places.len() * months];
        let mut said = Vec::with_capacity(self.count as usize * 4);
        let mut stages = Vec::new();
        for id in 0..self.count {
            let deal = self.deal(id);
            self.said_of(&deal, &mut stages);
            for &(place, stage, at) in &stages {
                let Some(month) = self.scenario.month_of(at) else { continue };
                let (most, most_escrow) =
                    (self.places[place].messages[month] / 2, self.places[place].escrow[month] / 2);
                let escrow = self.composer.mentions(deal.lang, stage, &deal.talk);
                let (all, mentions) = &mut spent[place * months + month];
                if !self.places[place].alive(month) || *all >= most || (escrow && *mentions >= most_escrow) {
                    continue;
                }
                *all += 1;
                *mentions += u32::from(escrow);
                said.push(Said { place: place as u32, at, deal: id, stage, escrow });
            }
        }
        said.sort_by_key(|s| (s.place, s.at, s.deal, s.stage as u8));
        let starts = (0..=self.places.len()).map(|p| said.partition_point(|s| (s.place as usize) < p)).collect();
        Schedule { said, starts }
    }

    /// The deal of a number.
    pub fn deal(&self, id: u32) -> Deal {
        let seed = super::rng::derive(&[self.seed, 0x6465_616c, u64::from(id)]);
        let mut rng = Rng::new(seed);
        let point = rng.next() % self.months.last().copied().unwrap_or(1).max(1);
        let month = self.months.partition_point(|sum| *sum <= point);
        let start = self.scenario.month(month).start();
        let begun_at = start + i64::from(rng.below((self.scenario.month(month).secs() / 60) as u32)) * 60;
        let home = self.home(month, &mut rng);
        let lang = self.places[home].lang;
        let advert_at = self.advert_place(home, lang, month, &mut rng);
        let kind = rng.weighted(&[24, 24, 14, 14, 10, 14, 10]) as u8;
        let price_usd = prices::draw(kind, &mut rng);
        let population = self.composer.population;
        let seller = self.composer.person(lang, rng.skewed(population));
        let mut buyer = self.composer.person(lang, rng.below(population));
        if buyer == seller {
            buyer = self.composer.person(lang, rng.below(population) + population);
        }
        let agreed_at = begun_at + i64::from(rng.between(1, 96)) * 3600;
        let agent = rng.chance(780).then(|| self.choose(lang, kind, price_usd, agreed_at, &mut rng));
        let payer = *rng.pick(&[Payer::Buyer, Payer::Buyer, Payer::Seller, Payer::Split]);
        let mut deal = Deal {
            id,
            lang,
            kind,
            begun_at,
            agreed_at,
            advert_at,
            home,
            court: self.court(home, lang, month, &mut rng),
            seller,
            buyer,
            impersonator: None,
            agent,
            price_usd,
            currency: "USD",
            fee: 0,
            payer,
            terms: self.terms(agent, price_usd, payer),
            course: None,
            cheated: false,
            banned: false,
            talk: Talk::default(),
            seed,
        };
        deal.fee = deal.terms.fee;
        if let Some(agent) = agent {
            deal.course = Some(self.course(agent, deal.terms, agreed_at, &mut rng));
        } else {
            deal.cheated = rng.chance(170);
        }
        let cheat = deal.course.as_ref().and_then(|course| course.cheat);
        if cheat == Some(Cheat::Impersonator) {
            deal.impersonator = agent.map(|agent| self.agents[agent].person | people::IMPERSONATOR);
        }
        // Nobody can ban the owner of a copied site.
        let known = deal.cheated || cheat.is_some_and(|cheat| cheat != Cheat::FakeSite);
        deal.banned = known && rng.chance(700);
        self.words(&mut deal, month, &mut rng);
        deal
    }

    fn home(&self, month: usize, rng: &mut Rng) -> usize {
        let homes = &self.homes[month];
        let Some((_, sum)) = homes.last() else { return 0 };
        let point = rng.next() % sum;
        homes[homes.partition_point(|(_, upto)| *upto <= point)].0
    }

    /// The same people advertise elsewhere too: in a channel of their language, or on a board.
    fn advert_place(&self, home: usize, lang: Lang, month: usize, rng: &mut Rng) -> usize {
        if rng.chance(450) {
            return home;
        }
        let fits = |p: &&Place| p.lang == lang && p.messages[month] > 4 && p.index != home;
        let others: Vec<usize> = self.places.iter().filter(fits).map(|p| p.index).collect();
        if others.is_empty() { home } else { *rng.pick(&others) }
    }

    /// Quarrels are taken to a forum where there is one.
    fn court(&self, home: usize, lang: Lang, month: usize, rng: &mut Rng) -> usize {
        if self.places[home].kind == ChatKind::Forum {
            return home;
        }
        let fits = |p: &&Place| p.kind == ChatKind::Forum && p.lang == lang && p.messages[month] > 4;
        let forums: Vec<usize> = self.places.iter().filter(fits).map(|p| p.index).collect();
        if forums.is_empty() { home } else { *rng.pick(&forums) }
    }

    /// A program for what is cheap and simple, somebody with a name for the rest.
    fn choose(&self, lang: Lang, kind: u8, price: u32, at: i64, rng: &mut Rng) -> usize {
        let simple = price < 250 && matches!(kind, 1 | 3 | 6);
        let own: Vec<usize> = (0..self.agents.len()).filter(|a| self.agents[*a].lang == lang).collect();
        let wanted = |a: &&usize| (self.agents[**a].kind == AgentKind::Automated) == (simple && **a != 0);
        let fitting: Vec<usize> =
            if rng.chance(850) { own.iter().filter(wanted).copied().collect() } else { own.clone() };
        let list = if fitting.is_empty() { &own } else { &fitting };
        let agent = list[rng.skewed(list.len() as u32) as usize];
        // Nobody chooses an agent who is gone.
        match (&self.scenario.exit, agent) {
            (Some(_), 0) if self.gone_at().is_some_and(|gone| at >= gone) => {
                list.iter().copied().find(|a| *a != 0).unwrap_or(agent)
            }
            // He is the best-known one.
            (Some(_), other) if self.agents[other].lang == self.agents[0].lang && rng.chance(450) => {
                if self.gone_at().is_some_and(|gone| at < gone) { 0 } else { agent }
            }
            _ => agent,
        }
    }

    /// When the agent of an exit scenario goes.
    pub fn gone_at(&self) -> Option<i64> {
        let exit = self.scenario.exit.as_ref()?;
        Some(days_from_civil(exit.gone.year, exit.gone.month, exit.day) * DAY_SECS)
    }

    fn terms(&self, agent: Option<usize>, price_usd: u32, payer: Payer) -> Terms {
        let price = i64::from(price_usd) * 100;
        let rules = agent.map(|agent| &self.agents[agent]);
        let fee = rules.map_or(0, |rules| match rules.fee_flat {
            Some(flat) if price_usd < 300 => i64::from(flat) * 100,
            _ => (price * i64::from(rules.fee_percent) / 100).max(i64::from(rules.fee_minimum) * 100),
        });
        Terms {
            price,
            fee,
            payer,
            bond: rules.map_or(0, |rules| i64::from(rules.bond) * 100),
            two_of_three: rules.is_some_and(|rules| rules.two_of_three),
            fund_hours: 48,
            confirm_hours: 72,
            deliver_hours: 72,
            check_hours: rules.map_or(24, |rules| rules.check_hours),
            decide_hours: 336,
        }
    }

    fn course(&self, agent: usize, terms: Terms, agreed_at: i64, rng: &mut Rng) -> Course {
        let rules = &self.agents[agent];
        let exit = self.scenario.exit.as_ref().filter(|_| agent == 0);
        let slow = exit.is_some_and(|exit| agreed_at >= exit.slow_from.start());
        // Whatever is not finished when he goes, he takes along.
        let leaving =
            exit.is_some() && self.gone_at().is_some_and(|gone| (gone - 6 * DAY_SECS..gone).contains(&agreed_at));
        let standing = Standing {
            franchise: i64::from(rules.fee_percent) * 600 * 120 * if agent == 0 { 20 } else { 1 },
            at_hand: 60_000 * 30,
            automated: rules.kind == AgentKind::Automated,
            slow: if slow { 4 } else { 1 },
            leaving,
        };
        play(terms, &Propensities::USUAL, &standing, rng)
    }

    /// What the parties of a deal will write: names, amount, fee.
    fn words(&self, deal: &mut Deal, month: usize, rng: &mut Rng) {
        let venue = match self.places[deal.home].kind.is_board() {
            true => Venue::Board,
            false => Venue::Telegram(month),
        };
        let talk = &mut deal.talk;
        talk.kind = deal.kind;
        talk.with_agent = deal.agent.is_some();
        deal.currency = self.composer.push_price(&mut talk.amount, deal.lang, deal.price_usd, rng);
        let percent = deal.agent.map_or(0, |agent| self.agents[agent].fee_percent);
        self.composer.push_fee(&mut talk.percent, deal.lang, percent);
        people::push_handle_at(&mut talk.seller, self.seed, deal.seller, venue);
        people::push_handle_at(&mut talk.buyer, self.seed, deal.buyer, venue);
        if let Some(agent) = deal.agent {
            let agent = deal.impersonator.unwrap_or(self.agents[agent].person);
            people::push_handle_at(&mut talk.agent, self.seed, agent, venue);
        }
        talk.hours = deal.terms.check_hours;
    }

    /// What of a deal is said in public: place, stage, time. Most is not.
    fn said_of(&self, deal: &Deal, out: &mut Vec<(usize, Stage, i64)>) {
        out.clear();
        let mut rng = Rng::of(&[deal.seed, 0x7361_6964]);
        let mut say = |rng: &mut Rng, per_mille: u32, place: usize, stage: Stage, at: i64| {
            // A few minutes this way or that, so that not everything is said on the hour.
            let at = at + i64::from(rng.below(3300)) + 60;
            if rng.chance(per_mille) {
                out.push((place, stage, at));
            }
        };
        let (home, court) = (deal.home, deal.court);
        say(&mut rng, 900, deal.advert_at, Stage::Advert, deal.begun_at);
        let Some(course) = &deal.course else {
            let later = |hours: i64| deal.agreed_at + hours * 3600;
            say(&mut rng, 600, home, Stage::Paid, later(0));
            if deal.cheated {
                say(&mut rng, 800, court, Stage::Ban, later(60));
            } else {
                say(&mut rng, 300, home, Stage::Delivered, later(5));
                say(&mut rng, 300, home, Stage::Check, later(12));
            }
            return;
        };
        say(&mut rng, 500, home, Stage::Talk, deal.agreed_at - 3600);
        say(&mut rng, 350, home, Stage::Choice, deal.agreed_at);
        let mut last = deal.agreed_at;
        for (state, hours) in &course.steps {
            let at = deal.agreed_at + i64::from(*hours) * 3600;
            let slow = at - last > 4 * DAY_SECS;
            last = at;
            match state {
                State::Funded => say(&mut rng, 400, home, Stage::Funded, at),
                State::Confirmed => say(&mut rng, 350, home, Stage::Confirmed, at),
                State::Delivered => {
                    say(&mut rng, 400, home, Stage::Delivered, at);
                    say(&mut rng, 300, home, Stage::Check, at + 2 * 3600);
                }
                State::Disputed => {
                    let claim = if course.cheat == Some(Cheat::Buyer) { Stage::ClaimBuyer } else { Stage::ClaimSeller };
                    say(&mut rng, 900, court, claim, at);
                    say(&mut rng, 600, court, Stage::Answer, at + 7 * 3600);
                }
                State::Decided => {
                    let verdict = match course.verdict {
                        Some(Verdict::Refund) => Stage::Refund,
                        Some(Verdict::Pay) => Stage::Payment,
                        _ => Stage::Split,
                    };
                    say(&mut rng, 950, court, verdict, at);
                }
                State::Released if course.verdict.is_none() => {
                    say(&mut rng, 400, home, Stage::Released, at);
                    say(&mut rng, 500, home, Stage::Feedback, at + 9 * 3600);
                }
                State::Stolen => say(&mut rng, 950, court, Stage::ClaimAgent, at + 3 * DAY_SECS),
                State::Diverted => {
                    let fake_site = course.cheat == Some(Cheat::FakeSite);
                    let claim = if fake_site { Stage::ClaimSite } else { Stage::ClaimImpersonator };
                    say(&mut rng, 900, court, claim, at + DAY_SECS);
                }
                _ => {}
            }
            if slow || (deal.agent == Some(0) && self.is_slow(at) && !state.ended()) {
                say(&mut rng, 500, home, Stage::Delay, at - 3600);
            }
        }
        if deal.banned {
            say(&mut rng, 800, court, Stage::Ban, last + 5 * DAY_SECS);
        }
    }

    fn is_slow(&self, at: i64) -> bool {
        self.scenario.exit.as_ref().is_some_and(|exit| at >= exit.slow_from.start())
    }

    /// The words of a stage. In what is said of a ban the accused takes the seller's place and his victim the buyer's.
    pub fn talk_of<'d>(&self, deal: &'d Deal, stage: Stage) -> Cow<'d, Talk> {
        let cheat = deal.course.as_ref().and_then(|course| course.cheat);
        match (stage, cheat) {
            (Stage::Ban, Some(Cheat::Buyer)) => {
                let talk = deal.talk.clone();
                Cow::Owned(Talk { seller: talk.buyer.clone(), buyer: talk.seller.clone(), ..talk })
            }
            (Stage::Ban, Some(Cheat::Agent | Cheat::Impersonator | Cheat::FakeSite)) => {
                Cow::Owned(Talk { seller: deal.talk.agent.clone(), ..deal.talk.clone() })
            }
            _ => Cow::Borrowed(&deal.talk),
        }
    }

    /// Who says what is said at a stage.
    pub fn speaker(&self, deal: &Deal, stage: Stage) -> u64 {
        let agent = deal.agent.map_or(deal.seller, |agent| self.agents[agent].person);
        let cheat = deal.course.as_ref().and_then(|course| course.cheat);
        match stage {
            Stage::Advert | Stage::Delivered | Stage::ClaimBuyer => deal.seller,
            Stage::Confirmed | Stage::Released => agent,
            Stage::Refund | Stage::Payment | Stage::Split => agent,
            Stage::Answer if cheat == Some(Cheat::Buyer) => deal.buyer,
            Stage::Answer => deal.seller,
            // The moderators of the place.
            Stage::Ban => people::AGENT | ((1 << 20) + self.places[deal.court].index as u64),
            _ => deal.buyer,
        }
    }
}

/// The agents: many where much is traded, one at least in each language; number 0 is the best-known one.
fn agents(seed: u64, deals: u32) -> Vec<Agent> {
    let many = 2 + deals / 400;
    let counts = Lang::ALL.map(|lang| match lang {
        Lang::Ru | Lang::En => 4 + many.min(20),
        Lang::Zh => 3 + many.min(12),
        _ => 2,
    });
    // Russian agents first, so that the best-known one is of the largest language.
    let mut order = Lang::ALL;
    order.sort_by_key(|lang| *lang != Lang::Ru);
    let mut agents = Vec::new();
    for lang in order {
        for nth in 0..counts[lang as usize] {
            let person = (lang as u64) << 32 | people::AGENT | u64::from(nth);
            let mut rng = Rng::of(&[seed, 0x6167_6e74, person]);
            let kind = match (agents.len(), nth % 4) {
                (0, _) => AgentKind::Human,
                (_, 1) => AgentKind::Automated,
                (_, 2) => AgentKind::Board,
                _ => AgentKind::Human,
            };
            let fee_percent = match kind {
                AgentKind::Automated => rng.between(3, 7),
                AgentKind::Board => rng.between(4, 10),
                AgentKind::Human => *rng.pick(&[3, 4, 5, 5, 6, 7, 8, 10, 10, 12, 15]),
            };
            agents.push(Agent {
                person,
                lang,
                kind,
                fee_percent,
                fee_minimum: if rng.chance(600) { rng.between(1, 6) * 5 } else { 0 },
                fee_flat: rng.chance(200).then(|| rng.between(2, 6) * 5),
                bond: *rng.pick(&[0, 0, 2_000, 5_000, 10_000, 30_000]),
                two_of_three: kind != AgentKind::Board && rng.chance(120),
                check_hours: *rng.pick(&[6, 12, 24, 24, 48, 72]),
            });
        }
    }
    agents
}

/// The kinds of goods that deals are about have a name in every book.
const _: () = assert!(KINDS.len() > 7);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::scenario::{AGENT_EXIT, KNOWN_2020_2022};
    use crate::simulate::world;

    fn check(scenario: &Scenario, test: impl FnOnce(&Deals<'_>, &[Place])) {
        let composer = Composer::new(1, 500);
        let places = world::build(1, scenario, 150_000, 60, &composer);
        test(&Deals::new(1, scenario, 150_000, &composer, &places), &places);
    }

    #[test]
    fn a_deal_is_the_same_whenever_it_is_asked_for() {
        check(&KNOWN_2020_2022, |deals, _| {
            for id in 0..50 {
                let (one, other) = (deals.deal(id), deals.deal(id));
                assert_eq!((one.begun_at, one.talk.amount), (other.begun_at, other.talk.amount));
            }
        });
    }

    #[test]
    fn what_is_said_stays_within_the_budget_and_in_order() {
        check(&KNOWN_2020_2022, |deals, places| {
            let schedule = deals.schedule();
            let mut all = 0;
            for place in places {
                let said = schedule.of_place(place.index);
                all += said.len();
                assert!(said.windows(2).all(|pair| pair[0].at <= pair[1].at));
                for month in 0..36 {
                    let here = said.iter().filter(|s| KNOWN_2020_2022.month_of(s.at) == Some(month));
                    let escrow = here.clone().filter(|s| s.escrow).count();
                    assert!(here.count() <= place.messages[month] as usize / 2);
                    assert!(escrow <= place.escrow[month] as usize / 2);
                }
            }
            assert!(all > 1500, "{all}");
        });
    }

    #[test]
    fn every_way_to_cheat_and_to_end_occurs_and_fees_are_as_published() {
        check(&KNOWN_2020_2022, |deals, _| {
            let mut cheats = Vec::new();
            let mut ends = Vec::new();
            for id in 0..20_000 {
                let deal = deals.deal(id);
                if let Some(course) = &deal.course {
                    ends.push(course.end as u8);
                    cheats.extend(course.cheat.map(|cheat| cheat as u8));
                }
                let agent = deal.agent.map(|agent| &deals.agents[agent]);
                assert!(agent.is_none_or(|agent| (3..=15).contains(&agent.fee_percent)));
            }
            for list in [&mut cheats, &mut ends] {
                list.sort_unstable();
                list.dedup();
            }
            assert_eq!((cheats.len(), ends.len()), (5, 6));
        });
    }

    #[test]
    fn the_agent_who_leaves_is_slow_first_and_takes_the_last_deals_along() {
        check(&AGENT_EXIT, |deals, _| {
            let gone = deals.gone_at().expect("somebody leaves");
            let slow_from = AGENT_EXIT.exit.as_ref().expect("an exit").slow_from.start();
            let (mut before, mut slow, mut stolen, mut last) = (vec![], vec![], 0, 0);
            for deal in (0..6_000).map(|id| deals.deal(id)).filter(|deal| deal.agent == Some(0)) {
                assert!(deal.agreed_at < gone);
                let course = deal.course.expect("a course");
                let confirmed = course.steps.iter().find(|s| s.0 == State::Confirmed).map(|s| s.1);
                if deal.agreed_at >= gone - 6 * DAY_SECS {
                    last += 1;
                    stolen += usize::from(course.end == State::Stolen);
                } else if deal.agreed_at >= slow_from {
                    slow.extend(confirmed);
                } else {
                    before.extend(confirmed);
                }
            }
            let mean = |hours: &[u32]| f64::from(hours.iter().sum::<u32>()) / hours.len() as f64;
            assert!(mean(&slow) > mean(&before) * 1.2, "{} {}", mean(&slow), mean(&before));
            assert!(last > 3 && stolen * 2 > last, "{stolen} of {last}");
        });
    }
}
