//! What fees, deposits, deadlines and signing change about cheating: many deals under each setting of the agent.
//!
//! Buyers and sellers may also deal without the agent, and do when his fee costs more than they fear to lose. So a
//! dear agent is avoided, and who avoids him is cheated more often. Every setting sees the same prices in the same
//! order; intervals are of the means of [`BATCHES`] batches (Student's t).

use crate::simulate::phrases::KINDS;
use crate::simulate::prices;
use crate::simulate::rng::Rng;

use super::machine::{Payer, State, Terms};
use super::play::{Cheat, Propensities, Standing, play};

const BATCHES: usize = 20;
/// Two-sided 95 % of Student's t with 19 degrees of freedom.
const STUDENT: f64 = 2.093;

/// One way for an agent to work.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Setting {
    pub fee_per_mille: u32,
    pub bond_usd: u32,
    pub check_hours: u32,
    pub two_of_three: bool,
    pub automated: bool,
    /// The propensities to cheat, in thousandths of the usual ones.
    pub temptation: u32,
}

pub const BASE: Setting = Setting {
    fee_per_mille: 50,
    bond_usd: 5_000,
    check_hours: 24,
    two_of_three: false,
    automated: false,
    temptation: 1000,
};

/// A mean with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Measure {
    pub mean: f64,
    pub low: f64,
    pub high: f64,
}

#[derive(Clone, Debug)]
pub struct Outcome {
    pub setting: Setting,
    /// Deals that use the agent, per thousand.
    pub used: Measure,
    /// Deals in which somebody cheated, per thousand of all.
    pub cheated: Measure,
    /// The same by cheat, in the order of [`Cheat::ALL`]; deals without the agent count with their seller.
    pub by_cheat: [Measure; Cheat::ALL.len()],
    /// Losses of honest parties and fees, in dollars for a thousand dollars of price.
    pub lost: Measure,
    pub fees: Measure,
    /// Losses within deals through the agent, for a thousand dollars of their price.
    pub lost_with_agent: Measure,
}

/// The settings of the report: each alone away from [`BASE`], then a grid.
pub fn settings() -> Vec<Setting> {
    let mut list = vec![BASE];
    list.extend([30, 80, 120, 150].map(|fee_per_mille| Setting { fee_per_mille, ..BASE }));
    list.extend([0, 20_000, 100_000].map(|bond_usd| Setting { bond_usd, ..BASE }));
    list.extend([4, 12, 72].map(|check_hours| Setting { check_hours, ..BASE }));
    list.push(Setting { two_of_three: true, ..BASE });
    list.push(Setting { automated: true, ..BASE });
    list.extend([0, 500, 2000].map(|temptation| Setting { temptation, ..BASE }));
    for fee_per_mille in [30, 80, 150] {
        for bond_usd in [0, 20_000] {
            for check_hours in [12, 72] {
                for two_of_three in [false, true] {
                    list.push(Setting { fee_per_mille, bond_usd, check_hours, two_of_three, ..BASE });
                }
            }
        }
    }
    list
}

/// The same numbers for every setting that lists it, so that rows differ by the setting alone.
pub fn run(setting: Setting, deals: u32, seed: u64) -> Outcome {
    let per_batch = (deals as usize / BATCHES).max(1);
    let batches: Vec<Batch> = (0..BATCHES)
        .map(|batch| run_batch(&setting, per_batch, &mut Rng::of(&[seed, 0x6261_7463, batch as u64])))
        .collect();
    let measure = |of: &dyn Fn(&Batch) -> f64| measure(&batches.iter().map(of).collect::<Vec<f64>>());
    let per_deal = 1000.0 / per_batch as f64;
    Outcome {
        setting,
        used: measure(&|b| b.used as f64 * per_deal),
        cheated: measure(&|b| b.cheats.iter().sum::<u64>() as f64 * per_deal),
        by_cheat: std::array::from_fn(|cheat| measure(&|b| b.cheats[cheat] as f64 * per_deal)),
        lost: measure(&|b| b.lost as f64 * 1000.0 / b.value.max(1) as f64),
        fees: measure(&|b| b.fees as f64 * 1000.0 / b.value.max(1) as f64),
        lost_with_agent: measure(&|b| b.lost_with_agent as f64 * 1000.0 / b.value_with_agent.max(1) as f64),
    }
}

#[derive(Default)]
struct Batch {
    used: u64,
    cheats: [u64; Cheat::ALL.len()],
    value: i64,
    value_with_agent: i64,
    lost: i64,
    lost_with_agent: i64,
    fees: i64,
}

/// Cents of an average deal, deals a month and months that an agent looks ahead.
const MEAN_PRICE: i64 = 60_000;
const DEALS_A_MONTH: i64 = 40;
const MONTHS_AHEAD: i64 = 3;
/// What people fear to lose without an agent, in thousandths of the price.
const FEARED: u32 = 90;

fn run_batch(setting: &Setting, deals: usize, rng: &mut Rng) -> Batch {
    let mut batch = Batch::default();
    let scaled = |per_mille: u32| (u64::from(per_mille) * u64::from(setting.temptation) / 1000).min(1000) as u32;
    let usual = Propensities::USUAL;
    let people = Propensities {
        seller: scaled(usual.seller),
        buyer: scaled(usual.buyer),
        agent: scaled(usual.agent),
        impersonator: scaled(usual.impersonator),
        fake_site: scaled(usual.fake_site),
        error: usual.error,
    };
    let fee_of = |price: i64| price * i64::from(setting.fee_per_mille) / 1000;
    let standing = Standing {
        franchise: fee_of(MEAN_PRICE) * DEALS_A_MONTH * MONTHS_AHEAD,
        at_hand: MEAN_PRICE * 30,
        automated: setting.automated,
        slow: 1,
        leaving: false,
    };
    for _ in 0..deals {
        // Each deal has numbers of its own, so that a longer one does not shift those behind it.
        let mut rng = Rng::new(rng.next());
        let kind = rng.below(KINDS.len() as u32) as u8;
        let price = i64::from(prices::draw(kind, &mut rng)) * 100;
        let fee = fee_of(price);
        let feared = price * i64::from(FEARED) / 1000 * i64::from(rng.between(100, 2500)) / 1000;
        let used = fee < feared;
        batch.value += price;
        if !used {
            if rng.chance(people.seller) {
                batch.cheats[Cheat::Seller as usize] += 1;
                batch.lost += price;
            }
            continue;
        }
        let terms = Terms {
            price,
            fee,
            payer: *rng.pick(&[Payer::Buyer, Payer::Seller, Payer::Split]),
            bond: i64::from(setting.bond_usd) * 100,
            two_of_three: setting.two_of_three,
            fund_hours: 24,
            confirm_hours: 24,
            deliver_hours: 48,
            check_hours: setting.check_hours,
            decide_hours: 336,
        };
        let course = play(terms, &people, &standing, &mut rng);
        batch.used += 1;
        batch.value_with_agent += price;
        batch.lost += course.lost;
        batch.lost_with_agent += course.lost;
        if matches!(course.end, State::Released | State::Shared) {
            batch.fees += fee;
        }
        if let Some(cheat) = course.cheat {
            batch.cheats[cheat as usize] += 1;
        }
    }
    batch
}

fn measure(values: &[f64]) -> Measure {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let spread = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / (count - 1.0);
    let half = STUDENT * (spread / count).sqrt();
    Measure { mean, low: (mean - half).max(0.0), high: mean + half }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(change: impl FnOnce(&mut Setting)) -> Outcome {
        let mut setting = BASE;
        change(&mut setting);
        run(setting, 20_000, 1)
    }

    #[test]
    fn the_same_seed_gives_the_same_table_and_nobody_tempted_means_nobody_cheated() {
        assert_eq!(base(|_| ()).lost, base(|_| ()).lost);
        let honest = base(|s| s.temptation = 0);
        assert_eq!((honest.cheated.mean, honest.lost.mean), (0.0, 0.0));
        assert!(honest.fees.mean > 0.0);
    }

    #[test]
    fn settings_move_what_they_should() {
        let usual = base(|_| ());
        let agent = Cheat::Agent as usize;
        assert!(base(|s| s.bond_usd = 100_000).by_cheat[agent].high < usual.by_cheat[agent].low);
        assert!(base(|s| s.two_of_three = true).by_cheat[agent].high < usual.by_cheat[agent].low);
        assert!(base(|s| s.fee_per_mille = 150).used.high < usual.used.low);
        assert!(base(|s| s.check_hours = 72).lost_with_agent.mean < base(|s| s.check_hours = 4).lost_with_agent.mean);
        assert!(base(|s| s.temptation = 2000).lost.low > usual.lost.high);
    }

    #[test]
    fn an_interval_holds_its_mean() {
        let one = measure(&[1.0, 2.0, 3.0]);
        assert!(one.low < one.mean && one.mean < one.high && one.mean == 2.0);
    }
}
