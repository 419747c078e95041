//! `ossia audit mark`: a secret that no detector saw, read from standard input so that it stands in no history of commands.

use super::ask::Place;
use super::fail::Fail;
use super::output::Output;
use std::io::Read;

#[derive(clap::Args)]
pub struct Args {
    /// The step that holds it: TRAJECTORY#STEP, or a bare step id where unique
    #[arg(value_name = "STEP")]
    step: String,
    /// What it is
    #[arg(long, default_value = "secret", value_name = "CLASS")]
    class: String,
}

pub fn run(args: &Args, place: &Place, out: &Output) -> Result<u8, Fail> {
    let mut value = String::new();
    std::io::stdin().lock().read_to_string(&mut value)?;
    let value = value.trim_end_matches(['\n', '\r']);
    if value.is_empty() {
        return Err(Fail::usage("the value comes from standard input: `ossia audit mark STEP < FILE`"));
    }
    if args.class.is_empty() || !args.class.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_') {
        return Err(Fail::usage("a class is written in small letters, digits and _, such as `customer_name`"));
    }
    let decision = place.open()?.mark(&place.reviewer()?, &args.step, value, &args.class)?;
    if out.json {
        out.document("ossia.audit-decision.v1", &decision)?;
    } else {
        out.line(&format!("marked, and found in {}; it leaves none of them", crate::text::human::plural(decision.places, "place")))?;
    }
    Ok(0)
}
