//! The yearly wave of a monthly series, and taking it apart from levels and steps.
//!
//! A wave is a sum of harmonics of twelve months: one says winter and summer, two also half-years. Twelve separate
//! monthly effects would need more years than a study has. Left to others: whether there is a wave at all
//! (`change_points.rs` compares the fits).

use std::f64::consts::TAU;

use super::change_points::{MIN_TREND, median};

/// How many rounds of reweighting the robust fit takes; it stands still long before.
const ROUNDS: usize = 20;
/// Differences beyond this many deviations are steps and have no say (Beaton and Tukey 1974 use 4.685 for normal
/// numbers; fewer deviations mean less influence of half-large steps).
const STEP: f64 = 4.0;

/// The wave that fits best beside segments with levels (and trends, where they are long enough), by weighted least
/// squares: levels are taken out of values and harmonics alike, the rest is a plain regression (Frisch and Waugh 1933).
pub(super) fn beside_levels(values: &[f64], weights: &[f64], cuts: &[usize], harmonics: usize) -> Vec<f64> {
    let waves = waves(values.len(), harmonics);
    let ends: Vec<usize> = std::iter::once(0).chain(cuts.iter().copied()).chain([values.len()]).collect();
    let without_levels = |series: &[f64]| {
        let mut rest = series.to_vec();
        for ends in ends.windows(2) {
            let segment = ends[0]..ends[1];
            let long = segment.len() >= MIN_TREND;
            take_out(&mut rest[segment.clone()], &weights[segment], long);
        }
        rest
    };
    let regressors: Vec<Vec<f64>> = waves.iter().map(|wave| without_levels(wave)).collect();
    // A thousandth of the weights: where short segments leave nothing to tell a wave by, there is none.
    let ridge = 1e-3 * weights.iter().sum::<f64>();
    sum(&waves, &regression(&regressors, &without_levels(values), weights, ridge))
}

/// The wave that fits the differences from month to month best when steps are outliers (Tukey's biweight).
pub(super) fn beside_steps(values: &[f64], harmonics: usize) -> Vec<f64> {
    let waves = waves(values.len(), harmonics);
    let differences = |series: &[f64]| series.windows(2).map(|pair| pair[1] - pair[0]).collect::<Vec<f64>>();
    let steps = differences(values);
    let regressors: Vec<Vec<f64>> = waves.iter().map(|wave| differences(wave)).collect();
    let mut weights = vec![1.0; steps.len()];
    let mut factors = Vec::new();
    for _ in 0..ROUNDS {
        factors = regression(&regressors, &steps, &weights, 1e-6);
        let fitted = sum(&regressors, &factors);
        let residuals: Vec<f64> = steps.iter().zip(&fitted).map(|(step, fit)| step - fit).collect();
        let deviation = 1.4826 * median(residuals.iter().map(|r| r.abs()).collect()) + 1e-6;
        let weight = |r: &f64| (1.0 - (r / (STEP * deviation)).powi(2)).max(0.0).powi(2);
        weights = residuals.iter().map(weight).collect();
    }
    sum(&waves, &factors)
}

/// Takes the weighted mean out of a segment, and its weighted slope where `trend` is asked for.
pub(super) fn take_out(values: &mut [f64], weights: &[f64], trend: bool) {
    let total: f64 = weights.iter().sum();
    let mean = |of: &dyn Fn(usize) -> f64| (0..weights.len()).map(|t| weights[t] * of(t)).sum::<f64>() / total;
    let (level, middle) = (mean(&|t| values[t]), mean(&|t| t as f64));
    let slope =
        if trend { mean(&|t| (t as f64 - middle) * values[t]) / mean(&|t| (t as f64 - middle).powi(2)) } else { 0.0 };
    for (t, value) in values.iter_mut().enumerate() {
        *value -= level + slope * (t as f64 - middle);
    }
}

/// Sine and cosine of each harmonic.
fn waves(months: usize, harmonics: usize) -> Vec<Vec<f64>> {
    let mut waves = Vec::new();
    for harmonic in 1..=harmonics {
        let phase = |t: usize| TAU * (harmonic * t % 12) as f64 / 12.0;
        waves.push((0..months).map(|t| phase(t).sin()).collect());
        waves.push((0..months).map(|t| phase(t).cos()).collect());
    }
    waves
}

fn sum(waves: &[Vec<f64>], factors: &[f64]) -> Vec<f64> {
    let months = waves.first().map_or(0, Vec::len);
    (0..months).map(|t| waves.iter().zip(factors).map(|(wave, factor)| factor * wave[t]).sum()).collect()
}

/// Weighted least squares through the normal equations; `ridge` on their diagonal keeps them solvable.
fn regression(regressors: &[Vec<f64>], values: &[f64], weights: &[f64], ridge: f64) -> Vec<f64> {
    let product = |a: &[f64], b: &[f64]| (0..values.len()).map(|t| weights[t] * a[t] * b[t]).sum::<f64>();
    let mut rows: Vec<Vec<f64>> = Vec::new();
    for (i, regressor) in regressors.iter().enumerate() {
        let mut row: Vec<f64> = regressors.iter().map(|other| product(regressor, other)).collect();
        row[i] += ridge;
        row.push(product(regressor, values));
        rows.push(row);
    }
    // Gauss and Jordan; the matrix is positive definite, so that no pivot is zero.
    let n = rows.len();
    for pivot in 0..n {
        let head = rows[pivot].clone();
        for (_, row) in rows.iter_mut().enumerate().filter(|(i, _)| *i != pivot) {
            let factor = row[pivot] / head[pivot];
            row.iter_mut().zip(&head).for_each(|(value, head)| *value -= factor * head);
        }
    }
    (0..n).map(|i| rows[i][n] / rows[i][i]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wave(months: usize) -> Vec<f64> {
        (0..months).map(|t| 0.2 * (TAU * t as f64 / 12.0).sin() + 0.1 * (TAU * t as f64 / 6.0).cos()).collect()
    }

    fn far(a: &[f64], b: &[f64]) -> f64 {
        a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
    }

    #[test]
    fn a_wave_beside_known_levels_is_found_whole() {
        let values: Vec<f64> = wave(40).iter().enumerate().map(|(t, w)| w + if t < 17 { 5.0 } else { 6.0 }).collect();
        let found = beside_levels(&values, &vec![1.0; 40], &[17], 2);
        assert!(far(&found, &wave(40)) < 0.01, "{found:?}");
    }

    #[test]
    fn a_wave_beside_unknown_steps_is_found_whole() {
        let level = |t: usize| [5.0, 6.0, 5.2][usize::from(t >= 17) + usize::from(t >= 29)];
        let values: Vec<f64> = wave(40).iter().enumerate().map(|(t, w)| w + level(t)).collect();
        assert!(far(&beside_steps(&values, 2), &wave(40)) < 0.01);
    }

    #[test]
    fn a_trend_is_taken_out_with_its_level() {
        let mut values: Vec<f64> = (0..20).map(|t| 3.0 + 0.5 * f64::from(t)).collect();
        take_out(&mut values, &[1.0; 20], true);
        assert!(values.iter().all(|v| v.abs() < 1e-12));
    }
}
