//! Randomness: the one place that asks the operating system's generator for it.

/// Fills `out` with random bytes fit for keys.
///
/// A machine that cannot give randomness can run nothing of ours safely: the process ends then, loudly.
#[expect(clippy::disallowed_methods, reason = "the one place that asks for randomness")]
pub fn fill(out: &mut [u8]) {
    if aws_lc_rs::rand::fill(out).is_err() {
        tracing::error!(
            "the random number generator gave nothing; the process ends, for no key made now would be safe"
        );
        std::process::abort();
    }
}

/// `N` random bytes fit for keys. Ends the process as [`fill`] does.
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut out = [0; N];
    fill(&mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_draws_differ() {
        assert_ne!(bytes::<32>(), bytes::<32>());
        let mut long = [0; 4096];
        fill(&mut long);
        assert_ne!(long[..2048], long[2048..]);
    }
}
