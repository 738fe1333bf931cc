pub mod report;

fn main() {}
