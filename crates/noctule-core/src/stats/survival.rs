//! How long do things last, when some of them still do? Kaplan and Meier (1958).
//!
//! # How
//! At each time at which something ended, the part that outlived it is (at risk − ended) / at risk; the curve is the
//! product. What was still there when watching stopped was at risk until then and is never counted as ended. The
//! 95 % interval is Greenwood's variance on the scale of ln(−ln S) (Kalbfleisch and Prentice 1980), which stays
//! between 0 and 1. The median is the first time at which at most half is left, its interval where the limits of
//! the curve cross one half (Brookmeyer and Crowley 1982).
//!
//! # Where it is wrong
//! It assumes that what is still there ends no sooner or later than what was seen to end.

use super::shares::{Interval, Z95};

/// One thing watched.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Life {
    pub duration: u32,
    /// False when it was still there when watching stopped.
    pub ended: bool,
}

/// The curve just after one of the times at which something ended.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Survival {
    pub time: u32,
    pub at_risk: u64,
    pub ended: u64,
    /// The part that outlives `time`.
    pub share: f64,
    /// `None` once nothing is left, as the variance then has no meaning.
    pub interval: Option<Interval>,
}

/// The median of a curve. `None` in an end: the curve, or its limit, does not come down to one half.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Median {
    pub time: Option<u32>,
    pub low: Option<u32>,
    pub high: Option<u32>,
}

/// The curve, one point for each time at which something ended, ascending.
pub fn kaplan_meier(lives: &[Life]) -> Vec<Survival> {
    let mut lives = lives.to_vec();
    lives.sort_unstable_by_key(|life| life.duration);
    let (mut share, mut greenwood) = (1.0, 0.0);
    let mut at_risk = lives.len() as u64;
    let mut curve = Vec::new();
    for same in lives.chunk_by(|a, b| a.duration == b.duration) {
        let ended = same.iter().filter(|life| life.ended).count() as u64;
        if ended > 0 {
            let (risk, gone) = (at_risk as f64, ended as f64);
            share *= (risk - gone) / risk;
            greenwood += gone / (risk * (risk - gone));
            let interval = (ended < at_risk).then(|| {
                let factor = (Z95 * greenwood.sqrt() / share.ln()).exp();
                // The logarithm is negative, so the factor is below 1 and its power is the upper limit.
                Interval { low: share.powf(1.0 / factor), high: share.powf(factor) }
            });
            curve.push(Survival { time: same[0].duration, at_risk, ended, share, interval });
        }
        at_risk -= same.len() as u64;
    }
    curve
}

/// When half is gone.
pub fn median(curve: &[Survival]) -> Median {
    // Half of an even number is a product of rounded quotients and may miss one half by a hair.
    let first = |of: &dyn Fn(&Survival) -> f64| curve.iter().find(|point| of(point) <= 0.5 + 1e-12).map(|p| p.time);
    Median {
        time: first(&|p| p.share),
        low: first(&|p| p.interval.map_or(0.0, |i| i.low)),
        high: first(&|p| p.interval.map_or(0.0, |i| i.high)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lives(text: &str) -> Vec<Life> {
        let life = |word: &str| Life {
            duration: word.trim_end_matches('+').parse().expect("a number"),
            ended: !word.ends_with('+'),
        };
        text.split(' ').map(life).collect()
    }

    #[test]
    fn the_leukemia_patients_of_freireich() {
        // Freireich 1963, 6-MP: the example of most textbooks; S(6) = 0.857, S(10) = 0.753, S(23) = 0.448, median 23.
        let lives = lives("6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+");
        let curve = kaplan_meier(&lives);
        let at = |time: u32| curve.iter().find(|p| p.time == time).expect("an end");
        for (time, share) in [(6, 0.857), (7, 0.807), (10, 0.753), (13, 0.690), (16, 0.627), (22, 0.538), (23, 0.448)] {
            assert!((at(time).share - share).abs() < 5e-4, "{time}");
        }
        assert_eq!((at(6).at_risk, at(6).ended, at(23).at_risk), (21, 3, 6));
        assert_eq!(median(&curve), Median { time: Some(23), low: Some(13), high: None });
    }

    #[test]
    fn without_censoring_it_is_the_share_left() {
        let curve = kaplan_meier(&lives("1 2 3 4"));
        assert_eq!(curve.iter().map(|p| p.share).collect::<Vec<_>>(), [0.75, 0.5, 0.25, 0.0]);
        assert_eq!(median(&curve).time, Some(2));
        assert_eq!(curve[3].interval, None);
    }

    #[test]
    fn nothing_ended_and_nothing_watched() {
        for lives in [vec![], lives("5+ 9+")] {
            assert_eq!(kaplan_meier(&lives), []);
            assert_eq!(median(&kaplan_meier(&lives)), Median { time: None, low: None, high: None });
        }
    }
}
