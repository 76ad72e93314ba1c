//! Computes the assignment in `bucket_hints.rs` by simulated annealing, and checks that it fits the built-in rules.

use std::fmt::Write;
use std::path::Path;

use super::*;
use crate::detect::Detector;

/// Number of moves that are tried.
const MOVES: u64 = 8_000_000;
/// How to write the hints anew, for messages.
const UPDATE: &str = "run `cargo test --locked -p telleaks-detection --lib annealing -- --ignored`";

fn cost_of<C: ByteClass, const L: usize>(members: &[Family<'_, '_>]) -> f64 {
    let mut bucket = Bucket::<C, L>::EMPTY;
    for family in members {
        (bucket.classes, bucket.shares) = bucket.with(family);
    }
    cost(&bucket.shares)
}

/// Returns the members of each of `count` buckets after annealing, sorted.
fn anneal<'f, 'l, C: ByteClass, const L: usize>(
    families: &[Family<'f, 'l>],
    count: usize,
) -> Vec<Vec<Family<'f, 'l>>> {
    let mut seed = 1u64;
    let mut random = move |limit: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % limit
    };
    let mut buckets: Vec<Vec<Family<'_, '_>>> = vec![Vec::new(); count];
    for family in families {
        buckets[random(count as u64) as usize].push(family);
    }
    let mut costs: Vec<f64> = buckets.iter().map(|members| cost_of::<C, L>(members)).collect();
    for step in 0..MOVES {
        let rest = 1.0 - step as f64 / MOVES as f64;
        let temperature = costs.iter().sum::<f64>() * 0.02 * rest.powi(3) + 1e-9;
        let (from, to) = (random(count as u64) as usize, random(count as u64) as usize);
        if from == to || buckets[from].is_empty() {
            continue;
        }
        let at = random(buckets[from].len() as u64) as usize;
        let family = buckets[from].swap_remove(at);
        buckets[to].push(family);
        let new = (cost_of::<C, L>(&buckets[from]), cost_of::<C, L>(&buckets[to]));
        let change = new.0 + new.1 - costs[from] - costs[to];
        if change <= 0.0 || (-change / temperature).exp() * 1e6 > random(1_000_000) as f64 {
            (costs[from], costs[to]) = new;
        } else {
            buckets[to].pop();
            buckets[from].push(family);
        }
    }
    buckets.iter_mut().for_each(|members| members.sort_unstable());
    buckets
}

fn table(name: &str, doc: &str, buckets: &[Vec<Family<'_, '_>>]) -> String {
    let mut out = format!(
        "\n/// {doc}\n#[rustfmt::skip]\npub(super) const {name}: [&[&[u8]]; {}] = [\n",
        buckets.len()
    );
    for members in buckets {
        let keys: Vec<String> =
            members.iter().map(|family| format!("b\"{}\"", hint_key(family).escape_ascii())).collect();
        writeln!(out, "    &[{}],", keys.join(", ")).unwrap();
    }
    out + "];\n"
}

fn built_in() -> Detector {
    Detector::new(crate::rules::builtin().unwrap(), false).unwrap()
}

#[test]
#[ignore = "writes bucket_hints.rs; takes some seconds"]
fn write_hints() {
    let detector = built_in();
    let (three, four) = (
        starts::<NIBBLE_BYTES>(detector.searcher.literals()),
        starts::<SIX_BIT_BYTES>(detector.searcher.literals()),
    );
    let nibbles = anneal::<Nibbles, NIBBLE_BYTES>(&families(&three), NIBBLE_SETS * BITS);
    let sixes = anneal::<SixBits, SIX_BIT_BYTES>(&families(&four), SIX_BIT_SETS * BITS);
    let text = format!(
        "//! Assignment of the starts of the built-in literals to buckets. Written by `annealing.rs`; a start that is missing\n\
         //! here costs speed, never a match.\n{}{}",
        table("NIBBLE_HINTS", "The starts in each bucket of the nibble tables.", &nibbles),
        table("SIX_BIT_HINTS", "The starts in each bucket of the six-bit tables.", &sixes)
            .replace("pub(super)", "#[cfg(any(target_arch = \"x86_64\", test))]\npub(super)")
    );
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/detect/teddy/bucket_hints.rs");
    std::fs::write(file, text).unwrap();
}

#[test]
fn hints_name_the_built_in_literals() {
    let detector = built_in();
    let literals = detector.searcher.literals();
    let check = |mut wanted: Vec<&[u8]>, hints: &[&[&[u8]]]| {
        let mut named: Vec<&[u8]> = hints.concat();
        named.sort_unstable();
        wanted.sort_unstable();
        assert!(named == wanted, "the hints do not fit the rules: {UPDATE}");
    };
    let (three, four) = (starts::<NIBBLE_BYTES>(literals), starts::<SIX_BIT_BYTES>(literals));
    check(families(&three).into_iter().map(hint_key).collect(), &NIBBLE_HINTS);
    check(families(&four).into_iter().map(hint_key).collect(), &SIX_BIT_HINTS);
}

#[test]
fn literals_without_hints_are_assigned() {
    let literal = |bytes: &[u8]| Literal { bytes: bytes.to_vec(), uses: Vec::new() };
    let literals: Vec<Literal> = [&b"zzz"[..], b"KEY", b"qqqq", b"~~~"].into_iter().map(literal).collect();
    let classes = assign::<Nibbles, NIBBLE_BYTES>(&literals, &NIBBLE_HINTS);
    for literal in &literals {
        let accepted = classes
            .iter()
            .any(|bucket| bucket.iter().zip(&literal.bytes).all(|(class, byte)| class.with(*byte) == *class));
        assert!(accepted, "{literal:?}");
    }
}
