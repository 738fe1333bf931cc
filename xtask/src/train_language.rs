//! Makes `crates/noctule-core/src/normalize/language.model`, the weights of the language model.
//!
//! `cargo xtask train-language CRATES [OUT]`, where CRATES is a folder with the unpacked
//! `lingua-<language>-language-model` crates (Apache-2.0), such as cargo's registry sources after `cargo fetch`.
//! The same crates give the same file. No text goes into the result: `docs/model-cards/language.md` says how it
//! is made.
//!
//! Two steps. First naive Bayes: the crates' letter sequences inside words with their frequencies, and those at
//! word boundaries counted in the crates' test sentences, fill the hashed buckets. Then logistic regression
//! starts from there and learns on short pieces of those sentences, with trade words thrown in, what a
//! message of four words needs.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

#[path = "../../crates/noctule-core/src/normalize/language/letters.rs"]
#[allow(dead_code)]
mod letters;
#[path = "../../crates/noctule-core/src/normalize/language/ngrams.rs"]
#[allow(dead_code)]
mod ngrams;
#[path = "../../crates/noctule-core/src/normalize/runs.rs"]
#[allow(dead_code)]
mod runs;

use letters::Letters;
use ngrams::{ARABIC, Alphabet, CYRILLIC, DEVANAGARI, LATIN, MAX_WEIGHT};

fn letters_of(text: &str) -> Letters {
    let mut letters = Letters::none();
    letters.fill(text);
    letters
}

/// Tag, and the lingua crates whose frequencies are added up for it.
const SOURCES: &[(&str, &[&str])] = &[
    ("en", &["english"]),
    ("es", &["spanish"]),
    ("pt", &["portuguese"]),
    ("fr", &["french"]),
    ("de", &["german"]),
    ("it", &["italian"]),
    ("nl", &["dutch"]),
    ("pl", &["polish"]),
    ("ro", &["romanian"]),
    ("cs", &["czech"]),
    ("sk", &["slovak"]),
    ("hu", &["hungarian"]),
    ("tr", &["turkish"]),
    ("id", &["indonesian", "malay"]),
    ("vi", &["vietnamese"]),
    ("sv", &["swedish"]),
    ("da", &["danish"]),
    ("nb", &["bokmal", "nynorsk"]),
    ("fi", &["finnish"]),
    ("hr", &["croatian", "bosnian"]),
    ("sl", &["slovene"]),
    ("ca", &["catalan"]),
    ("tl", &["tagalog"]),
    ("sw", &["swahili"]),
    ("et", &["estonian"]),
    ("lt", &["lithuanian"]),
    ("lv", &["latvian"]),
    ("sq", &["albanian"]),
    ("eu", &["basque"]),
    ("af", &["afrikaans"]),
    ("az", &["azerbaijani"]),
    ("uz", &[]),
    ("so", &["somali"]),
    ("is", &["icelandic"]),
    ("hi", &["hindi"]),
    ("ru", &["russian"]),
    ("uk", &["ukrainian"]),
    ("be", &["belarusian"]),
    ("bg", &["bulgarian"]),
    ("sr", &["serbian"]),
    ("mk", &["macedonian"]),
    ("kk", &["kazakh"]),
    ("mn", &["mongolian"]),
    ("ar", &["arabic"]),
    ("fa", &["persian"]),
    ("ur", &["urdu"]),
    ("mr", &["marathi"]),
    ("ne", &[]),
];

/// How much more likely a language is than the plain one in what Noctule reads, in natural logarithms.
const PRIORS: &[(&str, f64)] = &[
    ("en", 3.0),
    ("ru", 2.5),
    ("es", 1.0),
    ("pt", 1.0),
    ("fr", 1.0),
    ("de", 1.0),
    ("id", 1.0),
    ("tr", 1.0),
    ("vi", 0.7),
    ("it", 0.7),
    ("pl", 0.7),
    ("ro", 0.5),
    ("nl", 0.5),
    ("uk", 1.0),
    ("ar", 1.0),
    ("fa", 0.8),
    ("hi", 0.8),
    ("af", -1.5),
    ("eu", -1.5),
    ("so", -1.5),
    ("is", -1.0),
    ("sq", -0.7),
    ("sw", -0.7),
    ("tl", -0.5),
    ("ca", -0.7),
    ("et", -0.7),
    ("lv", -0.5),
    ("be", -0.5),
    ("mk", -0.5),
    ("ne", 0.8),
    ("mn", -0.5),
    ("lt", -0.5),
    ("sl", -0.5),
    ("az", -0.5),
];

/// Words of the trade that stand in messages of every language and so say little about any.
const JARGON: &[&str] = &[
    "escrow",
    "WTS",
    "WTB",
    "usdt",
    "btc",
    "fullz",
    "cvv",
    "dump",
    "dumps",
    "logs",
    "combo",
    "vip",
    "telegram",
    "bot",
    "crypto",
    "paypal",
    "bitcoin",
    "premium",
    "admin",
    "spam",
    "rdp",
    "vps",
    "smtp",
    "shell",
    "root",
    "exploit",
    "database",
    "leak",
    "stealer",
    "crypter",
    "rat",
    "botnet",
    "ddos",
    "netflix",
    "spotify",
    "amazon",
    "gmail",
    "facebook",
    "instagram",
    "whatsapp",
    "visa",
    "mastercard",
    "bank",
    "drop",
    "carding",
    "cashout",
    "support",
    "channel",
    "group",
    "free",
    "full",
    "online",
    "VPN",
    "RDP",
    "USA",
    "windows",
    "android",
    "google",
    "apple",
    "hq",
    "fresh",
    "bulk",
    "ssn",
    "dob",
    "otp",
    "sim",
    "swap",
    "kyc",
    "binance",
    "wallet",
    "dm",
    "pm",
];

/// Weight of one nat in the table.
const LEVELS_PER_NAT: f64 = 4.0;
/// Letter sequences the frequencies of a lingua crate stand for, beside those counted in sentences.
const LINGUA_LETTERS: f64 = 150_000.0;
const SMOOTHING: f64 = 0.3;
const EPOCHS: usize = 6;

pub fn run(args: &[String]) -> Result<()> {
    let crates = args.first().context("usage: cargo xtask train-language CRATES [OUT]")?;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask has no parent folder")?;
    let core = root.join("crates/noctule-core");
    let out = args.get(1).map_or_else(|| core.join("src/normalize/language.model"), PathBuf::from);
    let seeds = read_seeds(&core.join("fixtures/language/seeds.tsv"))?;

    let mut file = Vec::new();
    for (alphabet, pick) in [
        (&LATIN, (|l| l.latin.as_slice().to_vec()) as fn(&Letters) -> Vec<u8>),
        (&CYRILLIC, |l| l.cyrillic.as_slice().to_vec()),
        (&ARABIC, |l| l.arabic.as_slice().to_vec()),
        (&DEVANAGARI, |l| l.devanagari.as_slice().to_vec()),
    ] {
        let material: Vec<Material> = (alphabet.languages.iter())
            .map(|language| Material::read(Path::new(crates), language, &seeds, pick))
            .collect::<Result<_>>()?;
        let trainer = Trainer { alphabet, pick, material };
        file.extend(trainer.table());
    }
    fs::write(&out, &file).with_context(|| format!("cannot write {}", out.display()))?;
    eprintln!("{}: {} bytes", out.display(), file.len());
    Ok(())
}

/// `tag TAB text`, our own sentences: languages that lingua lacks, and the tone of the trade.
fn read_seeds(path: &Path) -> Result<HashMap<String, Vec<String>>> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut seeds: HashMap<String, Vec<String>> = HashMap::new();
    for (number, line) in text.lines().enumerate() {
        let (tag, sentence) =
            line.split_once('\t').with_context(|| format!("{}:{}: no tab", path.display(), number + 1))?;
        seeds.entry(tag.to_owned()).or_default().push(sentence.to_owned());
    }
    Ok(seeds)
}

/// What one language is learned from.
struct Material {
    /// Sentences, words and pairs of words, each with how often it is counted.
    sentences: Vec<String>,
    words: Vec<String>,
    seeds: Vec<String>,
    /// Letter sequences inside words as codes, and how often each stands in a letter of text.
    inner: BTreeMap<Vec<u8>, f64>,
}

impl Material {
    fn read(
        crates: &Path,
        language: &str,
        seeds: &HashMap<String, Vec<String>>,
        pick: fn(&Letters) -> Vec<u8>,
    ) -> Result<Material> {
        let (_, names) = SOURCES.iter().find(|(tag, _)| *tag == language).context("a lane without a source")?;
        let mut material = Material {
            sentences: Vec::new(),
            words: Vec::new(),
            seeds: seeds.get(language).cloned().unwrap_or_default(),
            inner: BTreeMap::new(),
        };
        // A seed in another alphabet, or a lingua crate for one (Hindi in Latin letters), has no codes here.
        let belongs = |text: &String| pick(&letters_of(text)).len() > 2;
        material.seeds.retain(belongs);
        for name in *names {
            let folder = crate_folder(crates, name)?;
            let read = |file: &str| -> Result<Vec<String>> {
                let path = folder.join(file);
                let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
                Ok(text.lines().map(str::to_owned).filter(belongs).collect())
            };
            material.sentences.extend(read("testdata/sentences.txt")?);
            material.words.extend(read("testdata/single-words.txt")?);
            material.words.extend(read("testdata/word-pairs.txt")?);
            if material.sentences.is_empty() {
                continue;
            }
            let path = folder.join("models/ngrams.fst");
            let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
            read_frequencies(&bytes, 1.0 / names.len() as f64, pick, &mut material.inner)?;
        }
        // Sentences that only quote a word of this alphabet teach the wrong thing.
        if material.sentences.len() < 500 {
            material.sentences.clear();
            material.words.clear();
            material.inner.clear();
        }
        Ok(material)
    }
}

fn crate_folder(crates: &Path, name: &str) -> Result<PathBuf> {
    let prefix = format!("lingua-{name}-language-model-");
    let mut found: Vec<PathBuf> = fs::read_dir(crates)
        .with_context(|| format!("cannot list {}", crates.display()))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&prefix)))
        .collect();
    found.sort();
    found.pop().with_context(|| format!("no {prefix}* in {}", crates.display()))
}

/// Lingua stores the logarithm of each n-gram given its first n−1 letters; the product along the way is the share
/// of the n-gram itself.
fn read_frequencies(
    bytes: &[u8],
    share: f64,
    pick: fn(&Letters) -> Vec<u8>,
    into: &mut BTreeMap<Vec<u8>, f64>,
) -> Result<()> {
    use fst::Streamer;
    let map = fst::Map::new(bytes)?;
    let mut stream = map.stream();
    while let Some((key, value)) = stream.next() {
        let ngram = std::str::from_utf8(key)?;
        let ends: Vec<usize> = ngram.char_indices().map(|(at, c)| at + c.len_utf8()).collect();
        if !(3..=4).contains(&ends.len()) {
            continue;
        }
        let mut log = f64::from_bits(value);
        for end in &ends[..ends.len() - 1] {
            log += map.get(&ngram[..*end]).map_or(f64::NEG_INFINITY, f64::from_bits);
        }
        let codes = pick(&letters_of(ngram));
        // Boundary, letters, boundary: anything else held a letter of another alphabet.
        let inner = &codes[1..codes.len().max(2) - 1];
        if inner.len() == ends.len() && !inner.contains(&0) {
            *into.entry(inner.to_vec()).or_default() += share * log.exp();
        }
    }
    Ok(())
}

struct Trainer<'a> {
    alphabet: &'a Alphabet,
    pick: fn(&Letters) -> Vec<u8>,
    material: Vec<Material>,
}

impl Trainer<'_> {
    fn table(&self) -> Vec<u8> {
        let mut weights = self.naive_bayes();
        self.refine(&mut weights);
        self.quantize(&weights)
    }

    fn lanes(&self) -> usize {
        self.alphabet.languages.len()
    }

    fn features(&self, text: &str) -> Vec<u32> {
        self.features_of(&(self.pick)(&letters_of(text)))
    }

    fn features_of(&self, codes: &[u8]) -> Vec<u32> {
        let mut features = Vec::new();
        ngrams::buckets(&[], codes, self.alphabet.buckets, self.alphabet.plain_codes, |bucket, counts| {
            if counts {
                features.push(bucket as u32);
            }
        });
        features
    }

    /// Log probability of each bucket in each language, less the mean over the languages.
    fn naive_bayes(&self) -> Vec<f64> {
        let (lanes, buckets) = (self.lanes(), self.alphabet.buckets);
        let mut weights = vec![0.0; lanes * buckets];
        for (lane, material) in self.material.iter().enumerate() {
            let mut counts = vec![0.0; buckets];
            for (text, times) in (material.sentences.iter().map(|s| (s, 2.0)))
                .chain(material.words.iter().map(|s| (s, 1.0)))
                .chain(material.seeds.iter().map(|s| (s, 8.0)))
            {
                for piece in pieces(text, 25) {
                    for feature in self.features(&piece) {
                        counts[feature as usize] += times;
                    }
                }
            }
            for (codes, share) in &material.inner {
                // The model does not look at one letter three times over.
                if codes[codes.len() - 3..].iter().all(|code| *code == codes[codes.len() - 1]) {
                    continue;
                }
                let times = share * LINGUA_LETTERS;
                // Only the n-gram itself, without the boundary before it: what it is made of has its own entry.
                let features = self.features_of(codes);
                let at = if codes.len() == 3 { features.len() - 2 } else { features.len() - 1 };
                counts[features[at] as usize] += times;
            }
            let total: f64 = counts.iter().sum::<f64>() + SMOOTHING * buckets as f64;
            for (bucket, count) in counts.iter().enumerate() {
                weights[bucket * lanes + lane] = ((count + SMOOTHING) / total).ln();
            }
        }
        for row in weights.chunks_mut(lanes) {
            let mean = row.iter().sum::<f64>() / lanes as f64;
            row.iter_mut().for_each(|weight| *weight -= mean);
        }
        weights
    }

    /// Stochastic gradient descent on the cross entropy of short pieces, from the naive Bayes weights.
    fn refine(&self, weights: &mut [f64]) {
        let lanes = self.lanes();
        // Neighboring n-grams say the same thing twice; naive Bayes must be toned down to be a probability.
        weights.iter_mut().for_each(|weight| *weight *= 0.4);
        let mut random = Random(0x2545_F491_4F6C_DD1D);
        let mut samples: Vec<(usize, &str)> = Vec::new();
        for (lane, material) in self.material.iter().enumerate() {
            samples.extend(material.sentences.iter().map(|s| (lane, s.as_str())));
            // Seeds are few: repeat them until they count about as much as a language's sentences.
            let times = if material.seeds.is_empty() { 0 } else { (1000 / material.seeds.len()).clamp(1, 40) };
            for _ in 0..times {
                samples.extend(material.seeds.iter().map(|s| (lane, s.as_str())));
            }
        }
        for epoch in 0..EPOCHS {
            random.shuffle(&mut samples);
            let rate = 0.03 * (1.0 - epoch as f64 / EPOCHS as f64);
            let (mut seen, mut right) = (0, 0);
            for (lane, text) in &samples {
                let length = 3 + random.below(12);
                for mut piece in pieces(text, length) {
                    if random.below(10) < 4 {
                        for _ in 0..=random.below(3) {
                            piece.push(' ');
                            piece.push_str(JARGON[random.below(JARGON.len())]);
                        }
                    }
                    let features = self.features(&piece);
                    if features.len() < 8 {
                        continue;
                    }
                    let mut scores = vec![0.0; lanes];
                    for feature in &features {
                        let row = &weights[*feature as usize * lanes..][..lanes];
                        scores.iter_mut().zip(row).for_each(|(score, weight)| *score += weight);
                    }
                    let top = scores.iter().copied().fold(f64::MIN, f64::max);
                    seen += 1;
                    right += usize::from(scores[*lane] == top);
                    scores.iter_mut().for_each(|score| *score = (*score - top).exp());
                    let sum: f64 = scores.iter().sum();
                    scores.iter_mut().for_each(|score| *score /= sum);
                    scores[*lane] -= 1.0;
                    for feature in &features {
                        let row = &mut weights[*feature as usize * lanes..][..lanes];
                        row.iter_mut().zip(&scores).for_each(|(weight, error)| *weight -= rate * error);
                    }
                }
            }
            eprintln!(
                "{} epoch {epoch}: {:.4} of {seen}",
                self.alphabet.languages[0],
                f64::from(right as u32) / f64::from(seen as u32)
            );
        }
    }

    /// Each row is moved so that its best language has the largest weight: only differences within a row matter.
    fn quantize(&self, weights: &[f64]) -> Vec<u8> {
        let (lanes, padded) = (self.lanes(), self.alphabet.lanes);
        let mut table = vec![0; self.alphabet.bytes()];
        let level = |nats: f64| (nats * LEVELS_PER_NAT / 0.4).round();
        for (row, out) in weights.chunks(lanes).zip(table.chunks_mut(padded)) {
            let top = row.iter().copied().fold(f64::MIN, f64::max);
            for (weight, out) in row.iter().zip(out) {
                *out = (f64::from(MAX_WEIGHT) + level(weight - top)).clamp(0.0, f64::from(MAX_WEIGHT)) as u8;
            }
        }
        let priors = &mut table[padded * self.alphabet.buckets..];
        for (language, out) in self.alphabet.languages.iter().zip(priors) {
            let nats = PRIORS.iter().find(|(tag, _)| tag == language).map_or(0.0, |(_, nats)| *nats);
            *out = level(nats + 2.0).clamp(0.0, 255.0) as u8;
        }
        table
    }
}

/// Runs of at most `length` words.
fn pieces(text: &str, length: usize) -> Vec<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.chunks(length).map(|piece| piece.join(" ")).collect()
}

/// Xorshift: the same order of samples on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 33) % limit as u64) as usize
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i + 1));
        }
    }
}
