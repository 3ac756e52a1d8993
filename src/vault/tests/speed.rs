//! What a read costs below HTTP. `cargo test --release --lib vault_read_cost -- --ignored --nocapture`

use super::*;
use std::time::Instant;

#[test]
#[ignore = "a measurement, not a check"]
fn vault_read_cost() {
    let house = house();
    for n in 0..1000 {
        let mut put = object(&format!("bench/secret-{n}"), &json!({"value": "x".repeat(1000)}));
        put.metadata = Some(metadata(json!({"description": "a secret", "tags": ["one", "two"]})).unwrap());
        house.put(put).unwrap();
    }
    let paths: Vec<_> = (0..1000).map(|n| path(&format!("bench/secret-{n}"))).collect();
    let (tx, read) = (house.read(), granted(1));
    let rounds = 100;
    let started = Instant::now();
    for _ in 0..rounds {
        for path in &paths {
            assert!(service::get(&tx, &house.keys, &read, path, None).unwrap().data.expose().len() > 1000);
        }
    }
    let reads = rounds * paths.len();
    println!("{:.2} µs per read of 1 KiB", started.elapsed().as_secs_f64() * 1e6 / reads as f64);
}
