//! Texts of the pages about partnerships.

use crate::texts;

texts! {
    /// The page behind an invitation's link.
    pub struct InvitationTexts {
        title: "Invitation of {provider}", "Inbjudan från {provider}", "Uitnodiging van {provider}";
        heading: "{provider} asks to be your indirect provider",
            "{provider} vill bli er indirekta leverantör",
            "{provider} wil uw indirecte provider worden";
        country: "Country", "Land", "Land";
        contact: "Contact", "Kontakt", "Contact";
        sells: "What it sells", "Vad den säljer", "Wat de provider verkoopt";
        open_until: "Open until", "Öppen till", "Open tot";
        means_title: "What accepting means", "Vad det innebär att acceptera", "Wat accepteren betekent";
        means_orders: "{provider} can add customers on your behalf and submit orders for your customers.",
            "{provider} kan lägga till kunder för er räkning och lägga beställningar för era kunder.",
            "{provider} kan namens u klanten toevoegen en bestellingen voor uw klanten plaatsen.";
        means_support: "It can associate you with a subscription and name you as its support contact.",
            "Den kan knyta er till en prenumeration och ange er som dess supportkontakt.",
            "De provider kan u aan een abonnement koppelen en u als supportcontact noemen.";
        not_title: "What it does not mean", "Vad det inte innebär", "Wat het niet betekent";
        not_rights: "It gives neither side rights inside the other's organisation.",
            "Det ger ingen av parterna rättigheter i den andras organisation.",
            "Het geeft geen van beide partijen rechten binnen de organisatie van de ander.";
        not_customers: "It gives nobody access to a customer: each customer's own delegation does that.",
            "Det ger ingen tillgång till en kund: det gör bara kundens egen delegering.",
            "Het geeft niemand toegang tot een klant: dat doet alleen de delegatie van de klant zelf.";
        answer_title: "Answer", "Svara", "Antwoorden";
        answer_who: "A Global admin, Admin agent or Sales agent of your company answers, signed in:",
            "En global administratör, administratörsagent eller säljagent i ert företag svarar, inloggad:",
            "Een globale beheerder, beheeragent of verkoopagent van uw bedrijf antwoordt, aangemeld:";
        accept: "Accept", "Acceptera", "Accepteren";
        decline: "Decline", "Avböj", "Weigeren";
        enrol_first: "Not enrolled as indirect reseller yet? Enrol first and come back: the link stays valid.",
            "Inte ansluten som indirekt återförsäljare än? Anslut först och kom tillbaka: länken förblir giltig.",
            "Nog niet aangemeld als indirecte reseller? Meld u eerst aan en kom terug: de link blijft geldig.";
        enrol: "Enrol as indirect reseller", "Anslut som indirekt återförsäljare", "Aanmelden als indirecte reseller";
    }
}
