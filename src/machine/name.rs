//! What a machine is called: one line for people, one word for folders. Never a host name, never a
//! serial.

use super::kernel::series;
use super::mitigation::address_space_ids_short;
use super::survey::Survey;

/// Room for the processor in a folder's name.
const MODEL_LENGTH: usize = 40;

/// The machine in one line: processor, CPUs, host, kernel, what decides the cost of a switch, and
/// counters.
pub(super) fn summary(survey: &Survey) -> String {
    let processor = match &survey.processor {
        // A name with a number in it tells enough.
        Ok(known) if known.name.contains(|c: char| c.is_ascii_digit()) => known.name.clone(),
        Ok(known) => known.in_full(),
        Err(_) => format!("unknown {} processor", std::env::consts::ARCH),
    };
    let smt = whether("SMT", &survey.smt);
    let isolation = whether("PTI", &survey.page_table_isolation.as_ref().map(|(on, _)| *on));
    let pmu = whether("PMU", &survey.pmus.as_ref().map(|pmus| !pmus.is_empty()));
    let release = survey.release.as_deref().map_or("unknown".to_owned(), series);
    let cpus = survey.cpus.len();
    let cpus = format!("{cpus} CPU{}", if cpus == 1 { "" } else { "s" });
    let host = survey.host.as_ref().map_or("host unknown".to_owned(), |(host, _)| host.words());
    let ids = survey.cpuinfo().map_or("ASIDs unknown", address_space_ids_short);
    format!("{processor} · {cpus}, {smt} · {host} · Linux {release} · {ids}, {isolation} · {pmu}")
}

/// Is a thing there?
fn whether<E>(name: &str, there: &Result<bool, E>) -> String {
    match there {
        Ok(true) => name.to_owned(),
        Ok(false) => format!("no {name}"),
        Err(_) => format!("{name} unknown"),
    }
}

/// The machine as part of a folder's name: `amd-epyc-7763-2cpu-kvm`.
pub(super) fn slug(survey: &Survey) -> String {
    let model = match &survey.processor {
        Ok(processor) => shorten(&slugify(&processor.name)),
        Err(_) => std::env::consts::ARCH.to_owned(),
    };
    let host = survey.host.as_ref().map_or("unknown", |(host, _)| host.slug());
    format!("{}-{}cpu-{host}", slugify(&model), survey.cpus.len())
}

/// Lower-case letters and digits, with single hyphens for everything else.
fn slugify(text: &str) -> String {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let slug = words.collect::<Vec<_>>().join("-").to_ascii_lowercase();
    if slug.is_empty() { "unknown".to_owned() } else { slug }
}

fn shorten(slug: &str) -> String {
    slug.chars().take(MODEL_LENGTH).collect::<String>().trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::cpu::Processor;
    use super::super::hypervisor::Host;
    use super::super::survey::quiet_machine;
    use super::*;

    #[test]
    fn slugs_are_plain_and_short() {
        assert_eq!(slugify("AMD EPYC 7763"), "amd-epyc-7763");
        assert_eq!(slugify("Cortex-A55 + Cortex-A76"), "cortex-a55-cortex-a76");
        assert_eq!(slugify("超"), "unknown");
        let long = shorten(&slugify("A very long name of a processor, of 40 and more letters"));
        assert_eq!(long, "a-very-long-name-of-a-processor-of-40-an");
        assert_eq!(shorten(&format!("{}-b", "a".repeat(39))), "a".repeat(39));
    }

    #[test]
    fn names_of_a_machine() {
        let mut survey = quiet_machine();
        survey.host = Ok((Host::Guest("kvm"), String::new()));
        survey.pmus = Ok(Vec::new());
        assert_eq!(slug(&survey), "amd-epyc-7763-2cpu-kvm");
        let ids = address_space_ids_short(survey.cpuinfo().unwrap());
        let expected = format!(
            "AMD EPYC 7763 · 2 CPUs, no SMT · KVM guest · Linux 6.18 · {ids}, no PTI · no PMU"
        );
        assert_eq!(summary(&survey), expected);
    }

    #[test]
    fn a_name_without_number_gets_its_detail() {
        let mut survey = quiet_machine();
        let detail = Some("family 25 model 17".to_owned());
        survey.processor = Ok(Processor { name: "AMD EPYC".to_owned(), detail });
        assert!(summary(&survey).starts_with("AMD EPYC (family 25 model 17) · "));
        assert!(slug(&survey).starts_with("amd-epyc-2cpu-"));
        survey.processor = Err("no name".to_owned());
        assert!(summary(&survey).starts_with("unknown "));
    }
}
