//! What tells runs of one machine from those of others, without naming it.

use crate::proc::{Found, text};
use crate::record::{Finding, Value};
use hmac_sha256::HMAC;

/// Where the machine's id lies (machine-id(5)): made once, at installation.
const MACHINE_ID: &str = "/etc/machine-id";
/// What makes the hash this program's own: it tells nothing of the id, and no other program's hash
/// of the same id is the same.
const APPLICATION: [u8; 16] = 0x6b7d_0d3a_5b9e_4f1f_9b0b_9f6f_0c2d_4e11_u128.to_be_bytes();

/// The salted hash of this machine's id, or why there is none. A container has the id of its image
/// or of its own, where it has any.
pub(super) fn identity() -> Finding {
    hashed(text(MACHINE_ID)).map(Value::Text).into()
}

/// As sd_id128_get_machine_app_specific(3) derives an id: HMAC-SHA256 of the application's, keyed
/// by the machine's, of which the first half counts, marked as a random UUID.
fn hashed(id: Found<String>) -> Found<String> {
    let id = id?;
    let digits = id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    let number = u128::from_str_radix(&id, 16).ok().filter(|number| digits && *number > 0);
    let key = number.ok_or(format!("{MACHINE_ID} holds no id of 32 hexadecimal digits"))?;
    let hash = HMAC::mac(APPLICATION, key.to_be_bytes());
    let half = hash.iter().take(16).fold(0, |all, byte| (all << 8) | u128::from(*byte));
    let (version, variant) = (0xf_u128 << 76, 0b11_u128 << 62);
    let uuid = (half & !version & !variant) | (0x4 << 76) | (0b10 << 62);
    Ok(format!("{uuid:032x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_that_of_systemd() {
        // systemd-id128 --app-specific=6b7d0d3a5b9e4f1f9b0b9f6f0c2d4e11 machine-id
        let id = "3d1219c7c4c5404aaa1f6d2a48adfda4";
        assert_eq!(hashed(Ok(id.into())).unwrap(), "059ecae2eab04db98113daca2473632a");
    }

    #[test]
    fn what_is_no_id_has_no_hash() {
        for id in ["uninitialized", "12", &"0".repeat(32), &format!("+{}", "1".repeat(31))] {
            assert!(hashed(Ok(id.to_owned())).is_err(), "{id}");
        }
        assert_eq!(hashed(Err("it does not exist".into())).unwrap_err(), "it does not exist");
    }
}
