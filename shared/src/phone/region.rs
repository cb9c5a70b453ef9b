//! The region whose national forms are understood.

use std::fmt;

use rlibphonenumber::Region;

/// Every region with a numbering plan, so that checking a setting does not load the tables.
pub(super) const REGIONS: &str = "AC AD AE AF AG AI AL AM AO AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ \
    BL BM BN BO BQ BR BS BT BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE \
    DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ \
    GR GT GU GW GY HK HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP \
    KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS \
    MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PR PS PT \
    PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TA TC \
    TD TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT \
    ZA ZM ZW";

/// A default region that is not one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegionError;

impl fmt::Display for RegionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "expected the two letters of a country (ISO 3166), for example US or DE; \
             the United Kingdom is GB",
        )
    }
}

impl std::error::Error for RegionError {}

/// Reads a region such as `US`, in either case.
pub fn parse_region(text: &str) -> Result<Region, RegionError> {
    let code = text.trim().to_ascii_uppercase();
    if !REGIONS.split(' ').any(|known| known == code) {
        return Err(RegionError);
    }
    Region::from_code(&code).map_err(|_| RegionError)
}
