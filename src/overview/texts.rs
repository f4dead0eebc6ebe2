//! Texts of the pages that look across features.

use crate::texts;

texts! {
    /// The first page.
    pub struct HomeTexts {
        title: "The partner centre of this channel",
            "Kanalens partnercenter",
            "Het partnercentrum van dit kanaal";
        introduction:
            "Indirect providers invite resellers here, resellers look after customers, and devices are registered by whoever a customer has delegated its administration to.",
            "Här bjuder indirekta leverantörer in återförsäljare, återförsäljare tar hand om kunder, och enheter registreras av den som kunden har delegerat sin administration till.",
            "Hier nodigen indirecte providers resellers uit, zorgen resellers voor klanten, en registreert degene aan wie een klant zijn beheer heeft gedelegeerd apparaten.";
        enrol_title: "You are a reseller", "Du är återförsäljare", "U bent reseller";
        enrol_text: "Enrol your company once; then indirect providers can become your partners.",
            "Anslut ditt företag en gång; sedan kan indirekta leverantörer bli era partner.",
            "Meld uw bedrijf één keer aan; daarna kunnen indirecte providers uw partner worden.";
        enrol: "Enrol as indirect reseller", "Anslut som indirekt återförsäljare", "Aanmelden als indirecte reseller";
        programs_title: "For programs", "För program", "Voor programma's";
        providers: "Providers", "Leverantörer", "Providers";
        tokens: "Tokens", "Token", "Tokens";
        ready: "Ready", "Redo", "Gereed";
    }
}
