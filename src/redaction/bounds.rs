//! Exact bounds for what a sample may have missed: Clopper and Pearson (1934), from the beta distribution.

/// Gives the upper end of the one-sided interval for a share: `missed` of `sampled` seen, at a confidence such as 0.95.
#[must_use]
pub fn upper(missed: u64, sampled: u64, confidence: f64) -> f64 {
    if sampled == 0 || missed >= sampled {
        return 1.0;
    }
    quantile(confidence, to_f64(missed) + 1.0, to_f64(sampled - missed))
}

/// Gives the lower end of the one-sided interval for a share.
#[must_use]
pub fn lower(found: u64, planted: u64, confidence: f64) -> f64 {
    if planted == 0 || found == 0 {
        return 0.0;
    }
    quantile(1.0 - confidence, to_f64(found), to_f64(planted - found.min(planted)) + 1.0)
}

#[allow(clippy::cast_precision_loss)]
const fn to_f64(number: u64) -> f64 {
    number as f64
}

/// Finds the x at which the regularised incomplete beta function reaches p, by halving.
fn quantile(p: f64, a: f64, b: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if beta(middle, a, b) < p { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}

/// The regularised incomplete beta function, by its continued fraction (Abramowitz and Stegun, 26.5.8).
fn beta(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return x.clamp(0.0, 1.0);
    }
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - beta(1.0 - x, b, a);
    }
    let front = (a * x.ln() + b * (1.0 - x).ln() - ln_gamma(a) - ln_gamma(b) + ln_gamma(a + b)).exp() / a;
    front * fraction(x, a, b)
}

/// Lentz's evaluation of the continued fraction.
fn fraction(x: f64, a: f64, b: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let (mut c, mut d) = (1.0, 1.0 / (1.0 - (a + b) * x / (a + 1.0)).max(TINY));
    let mut value = d;
    for step in 1..100_000u32 {
        let m = f64::from(step);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut change = 1.0;
        for term in [even, odd] {
            d = 1.0 + term * d;
            d = 1.0 / if d.abs() < TINY { TINY } else { d };
            c = 1.0 + term / c;
            c = if c.abs() < TINY { TINY } else { c };
            change = c * d;
            value *= change;
        }
        if (change - 1.0).abs() < 1e-15 {
            break;
        }
    }
    value
}

/// The logarithm of the gamma function (Lanczos, g = 7, nine terms).
fn ln_gamma(x: f64) -> f64 {
    const TERMS: [f64; 9] = [
        0.999_999_999_999_809_9,
        676.520_368_121_885_1,
        -1_259.139_216_722_402_8,
        771.323_428_777_653_1,
        -176.615_029_162_140_6,
        12.507_343_278_686_905,
        -0.138_571_095_265_720_12,
        9.984_369_578_019_572e-6,
        1.505_632_735_149_311_6e-7,
    ];
    let x = x - 1.0;
    let t = x + 7.5;
    let sum = TERMS.iter().enumerate().skip(1).fold(TERMS[0], |sum, (i, term)| sum + term / (x + f64::from(u32::try_from(i).unwrap_or(0))));
    0.5 * (2.0 * std::f64::consts::PI).ln() + (x + 0.5) * t.ln() - t + sum.ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Upper ends as tables of exact binomial limits give them; with no miss the bound is 1 - 0.05^(1/n).
    #[test]
    fn bounds_are_those_of_the_tables() {
        for (missed, sampled, confidence, expected) in [
            (0, 10, 0.95, 0.258_866),
            (0, 59, 0.95, 0.049_507),
            (0, 299, 0.95, 0.009_969),
            (1, 10, 0.95, 0.394_163),
            (5, 10, 0.95, 0.777_559),
            (0, 10, 0.975, 0.308_497),
            (2, 20, 0.975, 0.316_983),
            (3, 3, 0.95, 1.0),
        ] {
            let got = upper(missed, sampled, confidence);
            assert!((got - expected).abs() < 2e-6, "{missed}/{sampled} at {confidence}: {got}");
        }
        for (found, planted, confidence, expected) in [(20, 20, 0.95, 0.860_892), (10, 10, 0.975, 0.691_503), (5, 10, 0.95, 0.222_441), (0, 5, 0.95, 0.0)] {
            let got = lower(found, planted, confidence);
            assert!((got - expected).abs() < 2e-6, "{found}/{planted} at {confidence}: {got}");
        }
    }

    #[test]
    fn the_usual_plan_is_the_smallest_that_does() {
        // 299 fields without a miss bound the share below 1 %, 59 below 5 %.
        for (size, share) in [(299, 0.01), (59, 0.05), (2995, 0.001)] {
            assert!(upper(0, size, 0.95) <= share && upper(0, size - 1, 0.95) > share, "{size}");
        }
    }
}
