//! What is particular to a country: a fact for each, as its post, tax office or company register writes things.

/// The rules of one country. What is empty is not particular there.
#[derive(Clone, Copy, Debug)]
pub struct Market {
    pub(super) code: &'static str,
    /// Culture names, parted by blanks; the first is the usual one.
    pub(super) cultures: &'static str,
    /// A regular expression over capitals.
    pub(super) postal_code: &'static str,
    /// Whether an address has to name city, state and postal code: where mail does not arrive without them.
    pub(super) strict: bool,
    /// The states an address may name, parted by `|`.
    pub(super) states: &'static str,
    /// A regular expression over capitals, and a number that it matches.
    pub(super) vat_id: (&'static str, &'static str),
    /// The same for the number in the company register, where one is due (section 6.3 of the contract).
    pub(super) registration: Option<(&'static str, &'static str)>,
}

const fn market(code: &'static str, cultures: &'static str) -> Market {
    Market { code, cultures, postal_code: "", strict: false, states: "", vat_id: ("", ""), registration: None }
}

impl Market {
    const fn post(self, postal_code: &'static str) -> Self {
        Self { postal_code, ..self }
    }

    const fn vat(self, pattern: &'static str, sample: &'static str) -> Self {
        Self { vat_id: (pattern, sample), ..self }
    }

    const fn registered(self, pattern: &'static str, sample: &'static str) -> Self {
        Self { registration: Some((pattern, sample)), ..self }
    }

    const fn of_states(self, states: &'static str) -> Self {
        Self { states, strict: true, ..self }
    }
}

/// Registers whose numbers have no form that is known here.
const ANY_NUMBER: &str = "[0-9A-Z][0-9A-Z ./-]{1,49}";

const FOUR: &str = "[0-9]{4}";
const FIVE: &str = "[0-9]{5}";
const SIX: &str = "[0-9]{6}";
const THREE_TWO: &str = "[0-9]{3} ?[0-9]{2}";

/// By code.
pub(super) const MARKETS: &[Market] = &[
    market("AE", "ar-AE en-AE").vat("[0-9]{15}", "100000000000003").registered(ANY_NUMBER, "CN-1234567"),
    market("AM", "hy-AM").post(FOUR).registered("[0-9]{8}|[0-9. ]{3,20}", "01234567"),
    market("AT", "de-AT").post(FOUR).vat("ATU[0-9]{8}", "ATU12345678"),
    market("AU", "en-AU")
        .post(FOUR)
        .vat("[0-9]{2} ?[0-9]{3} ?[0-9]{3} ?[0-9]{3}", "51824753556")
        .of_states("ACT|NSW|NT|QLD|SA|TAS|VIC|WA"),
    market("AZ", "az-Latn-AZ").post("(AZ ?)?[0-9]{4}").registered("[0-9]{10}", "1234567890"),
    market("BE", "nl-BE fr-BE de-BE").post(FOUR).vat("BE[01][0-9]{9}", "BE0123456789"),
    market("BG", "bg-BG").post(FOUR).vat("BG[0-9]{9,10}", "BG123456789"),
    market("BR", "pt-BR")
        .post("[0-9]{5}-?[0-9]{3}")
        .of_states("AC|AL|AM|AP|BA|CE|DF|ES|GO|MA|MG|MS|MT|PA|PB|PE|PI|PR|RJ|RN|RO|RR|RS|SC|SE|SP|TO")
        .registered("[0-9A-Z]{2}[.]?[0-9A-Z]{3}[.]?[0-9A-Z]{3}/?[0-9A-Z]{4}-?[0-9]{2}", "12.345.678/0001-95"),
    market("BY", "be-BY ru-BY").post(SIX).registered("[0-9A-Z]{9}", "123456789"),
    market("CA", "en-CA fr-CA")
        .post("[ABCEGHJ-NPRSTVXY][0-9][ABCEGHJ-NPRSTV-Z] ?[0-9][ABCEGHJ-NPRSTV-Z][0-9]")
        .of_states("AB|BC|MB|NB|NL|NS|NT|NU|ON|PE|QC|SK|YT"),
    market("CH", "de-CH fr-CH it-CH").post(FOUR).vat("CHE-?[0-9]{3}[.]?[0-9]{3}[.]?[0-9]{3}( ?(MWST|TVA|IVA))?", "CHE123456789"),
    market("CY", "el-CY tr-CY").post(FOUR).vat("CY[0-9]{8}[A-Z]", "CY12345678X"),
    market("CZ", "cs-CZ").post(THREE_TWO).vat("CZ[0-9]{8,10}", "CZ12345678"),
    market("DE", "de-DE").post(FIVE).vat("DE[0-9]{9}", "DE123456789"),
    market("DK", "da-DK").post(FOUR).vat("DK[0-9]{8}", "DK12345678"),
    market("EE", "et-EE").post(FIVE).vat("EE[0-9]{9}", "EE123456789"),
    market("ES", "es-ES ca-ES eu-ES gl-ES").post(FIVE).vat("ES[0-9A-Z][0-9]{7}[0-9A-Z]", "ESX12345678"),
    market("FI", "fi-FI sv-FI").post(FIVE).vat("FI[0-9]{8}", "FI12345678"),
    market("FR", "fr-FR").post(FIVE).vat("FR[0-9A-Z]{2}[0-9]{9}", "FR12345678901"),
    market("GB", "en-GB")
        .post("GIR ?0AA|[A-Z]{1,2}[0-9][0-9A-Z]? ?[0-9][A-Z]{2}")
        .vat("GB([0-9]{9}|[0-9]{12}|GD[0-9]{3}|HA[0-9]{3})", "GB123456789"),
    market("GR", "el-GR").post(THREE_TWO).vat("EL[0-9]{9}", "EL123456789"),
    market("HR", "hr-HR").post(FIVE).vat("HR[0-9]{11}", "HR12345678901"),
    market("HU", "hu-HU")
        .post(FOUR)
        .vat("HU[0-9]{8}", "HU12345678")
        .registered("[0-9]{8}(-?[0-9]-?[0-9]{2})?|[0-9]{2}-?[0-9]{2}-?[0-9]{6}", "12345678-1-42"),
    market("IE", "en-IE ga-IE")
        .post("[AC-FHKNPRTV-Y][0-9][0-9W] ?[0-9AC-FHKNPRTV-Y]{4}")
        .vat("IE[0-9][0-9A-Z+*][0-9]{5}[A-Z]{1,2}", "IE1234567X"),
    market("IN", "en-IN hi-IN")
        .post("[1-9][0-9]{2} ?[0-9]{3}")
        .of_states(
            "AN|AP|AR|AS|BR|CG|CH|CT|DH|DL|GA|GJ|HP|HR|JH|JK|KA|KL|LA|LD|MH|ML|MN|MP|MZ|NL|OD|OR|PB|PY|RJ|SK|TG|TN|TR|\
             TS|UK|UP|UT|WB",
        )
        .registered("[A-Z]{5}[0-9]{4}[A-Z]|[LU][0-9]{5}[A-Z]{2}[0-9]{4}[A-Z]{3}[0-9]{6}", "ABCDE1234F"),
    market("IQ", "ar-IQ").post(FIVE).registered(ANY_NUMBER, "12345"),
    market("IS", "is-IS").post("[0-9]{3}").vat("IS[0-9]{5,6}", "IS12345"),
    market("IT", "it-IT de-IT").post(FIVE).vat("IT[0-9]{11}", "IT12345678901"),
    market("JP", "ja-JP").post("[0-9]{3}-?[0-9]{4}").of_states(
        "Hokkaido|Aomori|Iwate|Miyagi|Akita|Yamagata|Fukushima|Ibaraki|Tochigi|Gunma|Saitama|Chiba|Tokyo|Kanagawa|Niigata|\
         Toyama|Ishikawa|Fukui|Yamanashi|Nagano|Gifu|Shizuoka|Aichi|Mie|Shiga|Kyoto|Osaka|Hyogo|Nara|Wakayama|Tottori|\
         Shimane|Okayama|Hiroshima|Yamaguchi|Tokushima|Kagawa|Ehime|Kochi|Fukuoka|Saga|Nagasaki|Kumamoto|Oita|Miyazaki|\
         Kagoshima|Okinawa",
    ),
    market("KG", "ky-KG ru-KG").post(SIX).registered("[0-9]{14}", "12345678901234"),
    market("KZ", "kk-KZ ru-KZ").post("[0-9]{6}|[A-Z][0-9]{2}[A-Z][0-9][A-Z][0-9]").registered("[0-9]{12}", "123456789012"),
    market("LI", "de-LI").post("94[0-9]{2}"),
    market("LT", "lt-LT").post("(LT-)?[0-9]{5}").vat("LT([0-9]{9}|[0-9]{12})", "LT123456789"),
    market("LU", "fr-LU de-LU lb-LU").post("(L-)?[0-9]{4}").vat("LU[0-9]{8}", "LU12345678"),
    market("LV", "lv-LV").post("(LV-)?[0-9]{4}").vat("LV[0-9]{11}", "LV12345678901"),
    market("MD", "ro-MD ru-MD").post("(MD-?)?[0-9]{4}").registered("[0-9]{13}", "1234567890123"),
    market("MM", "my-MM").post(FIVE).registered(ANY_NUMBER, "123456789"),
    market("MT", "mt-MT en-MT").post("[A-Z]{3} ?[0-9]{4}").vat("MT[0-9]{8}", "MT12345678"),
    market("MX", "es-MX").post(FIVE).of_states(
        "AGU|BCN|BCS|CAM|CHH|CHP|CMX|COA|COL|DUR|GRO|GUA|HID|JAL|MEX|MIC|MOR|NAY|NLE|OAX|PUE|QUE|ROO|SIN|SLP|SON|TAB|TAM|\
         TLA|VER|YUC|ZAC",
    ),
    market("NL", "nl-NL").post("[1-9][0-9]{3} ?[A-Z]{2}").vat("NL[0-9]{9}B[0-9]{2}", "NL123456789B01"),
    market("NO", "nb-NO nn-NO").post(FOUR).vat("(NO)?[0-9]{9}(MVA)?", "NO123456789MVA"),
    market("PL", "pl-PL").post("[0-9]{2}-[0-9]{3}").vat("PL[0-9]{10}", "PL1234567890").registered(
        "(PL)?[0-9]{3}-?[0-9]{3}-?[0-9]{2}-?[0-9]{2}|[0-9]{9}|[0-9]{14}",
        "1234567890",
    ),
    market("PT", "pt-PT").post("[0-9]{4}-[0-9]{3}").vat("PT[0-9]{9}", "PT123456789"),
    market("RO", "ro-RO").post(SIX).vat("RO[0-9]{2,10}", "RO1234567"),
    market("RU", "ru-RU").post(SIX).registered("[0-9]{10}|[0-9]{12}|[0-9]{13}", "1234567890"),
    market("SA", "ar-SA").post("[0-9]{5}(-[0-9]{4})?").vat("3[0-9]{13}3", "300000000000003").registered("[0-9]{10}", "1010123456"),
    market("SE", "sv-SE").post(THREE_TWO).vat("SE[0-9]{10}01", "SE123456789001"),
    market("SI", "sl-SI").post("(SI-)?[0-9]{4}").vat("SI[0-9]{8}", "SI12345678"),
    market("SK", "sk-SK").post(THREE_TWO).vat("SK[0-9]{10}", "SK1234567890"),
    market("SS", "en-SS").registered(ANY_NUMBER, "12345"),
    market("TH", "th-TH").post(FIVE).registered("[0-9]{13}", "1234567890123"),
    market("TJ", "tg-Cyrl-TJ").post(SIX).registered("[0-9]{9,10}", "123456789"),
    market("TR", "tr-TR").post(FIVE).vat("[0-9]{10}", "1234567890").registered("[0-9]{10,11}|[0-9]{16}", "1234567890"),
    market("UA", "uk-UA").post(FIVE).registered("[0-9]{8}|[0-9]{10}|[0-9]{12}", "12345678"),
    market("US", "en-US es-US").post("[0-9]{5}(-[0-9]{4})?").of_states(
        "AA|AE|AK|AL|AP|AR|AZ|CA|CO|CT|DC|DE|FL|GA|HI|IA|ID|IL|IN|KS|KY|LA|MA|MD|ME|MI|MN|MO|MS|MT|NC|ND|NE|NH|NJ|NM|NV|NY|\
         OH|OK|OR|PA|RI|SC|SD|TN|TX|UT|VA|VT|WA|WI|WV|WY",
    ),
    market("UZ", "uz-Latn-UZ").post(SIX).registered("[0-9]{9}", "123456789"),
    market("VE", "es-VE").post(FOUR).registered("[VEJPGC]-?[0-9]{8}-?[0-9]", "J-12345678-9"),
    market("VN", "vi-VN").post("[0-9]{5,6}").registered("[0-9]{10}(-?[0-9]{3})?", "0123456789"),
    market("ZA", "en-ZA af-ZA").post(FOUR).vat("4[0-9]{9}", "4123456789").registered(
        "[0-9]{4}/?[0-9]{6}/?[0-9]{2}|[0-9]{10}",
        "2012/123456/07",
    ),
];

/// Country and calling code, of every country; by country.
pub(super) const CALLING_CODES: &str = "\
    AD 376 AE 971 AF 93 AG 1 AI 1 AL 355 AM 374 AO 244 AQ 672 AR 54 AS 1 AT 43 AU 61 AW 297 AX 358 AZ 994 BA 387 BB 1 BD 880 \
    BE 32 BF 226 BG 359 BH 973 BI 257 BJ 229 BL 590 BM 1 BN 673 BO 591 BQ 599 BR 55 BS 1 BT 975 BV 47 BW 267 BY 375 BZ 501 \
    CA 1 CC 61 CD 243 CF 236 CG 242 CH 41 CI 225 CK 682 CL 56 CM 237 CN 86 CO 57 CR 506 CU 53 CV 238 CW 599 CX 61 CY 357 CZ 420 \
    DE 49 DJ 253 DK 45 DM 1 DO 1 DZ 213 EC 593 EE 372 EG 20 EH 212 ER 291 ES 34 ET 251 FI 358 FJ 679 FK 500 FM 691 FO 298 FR 33 \
    GA 241 GB 44 GD 1 GE 995 GF 594 GG 44 GH 233 GI 350 GL 299 GM 220 GN 224 GP 590 GQ 240 GR 30 GS 500 GT 502 GU 1 GW 245 \
    GY 592 HK 852 HM 672 HN 504 HR 385 HT 509 HU 36 ID 62 IE 353 IL 972 IM 44 IN 91 IO 246 IQ 964 IR 98 IS 354 IT 39 JE 44 \
    JM 1 JO 962 JP 81 KE 254 KG 996 KH 855 KI 686 KM 269 KN 1 KP 850 KR 82 KW 965 KY 1 KZ 7 LA 856 LB 961 LC 1 LI 423 LK 94 \
    LR 231 LS 266 LT 370 LU 352 LV 371 LY 218 MA 212 MC 377 MD 373 ME 382 MF 590 MG 261 MH 692 MK 389 ML 223 MM 95 MN 976 MO 853 \
    MP 1 MQ 596 MR 222 MS 1 MT 356 MU 230 MV 960 MW 265 MX 52 MY 60 MZ 258 NA 264 NC 687 NE 227 NF 672 NG 234 NI 505 NL 31 NO 47 \
    NP 977 NR 674 NU 683 NZ 64 OM 968 PA 507 PE 51 PF 689 PG 675 PH 63 PK 92 PL 48 PM 508 PN 64 PR 1 PS 970 PT 351 PW 680 PY 595 \
    QA 974 RE 262 RO 40 RS 381 RU 7 RW 250 SA 966 SB 677 SC 248 SD 249 SE 46 SG 65 SH 290 SI 386 SJ 47 SK 421 SL 232 SM 378 SN 221 \
    SO 252 SR 597 SS 211 ST 239 SV 503 SX 1 SY 963 SZ 268 TC 1 TD 235 TF 262 TG 228 TH 66 TJ 992 TK 690 TL 670 TM 993 TN 216 TO 676 \
    TR 90 TT 1 TV 688 TW 886 TZ 255 UA 380 UG 256 UM 1 US 1 UY 598 UZ 998 VA 39 VC 1 VE 58 VG 1 VI 1 VN 84 VU 678 WF 681 WS 685 \
    XK 383 YE 967 YT 262 ZA 27 ZM 260 ZW 263";
