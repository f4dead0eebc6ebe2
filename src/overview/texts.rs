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
            "Registreer uw bedrijf één keer; daarna kunnen indirecte providers uw partner worden.";
        enrol: "Enrol as indirect reseller", "Anslut som indirekt återförsäljare", "Registreren als indirecte reseller";
        programs_title: "For programs", "För program", "Voor programma's";
        providers: "Providers", "Leverantörer", "Providers";
        tokens: "Tokens", "Token", "Tokens";
        ready: "Ready", "Redo", "Gereed";
    }
}

texts! {
    /// Drafts of the notices that a removal of a partnership may call for.
    pub struct RemovalNoticeTexts {
        partner_subject: "Our partnership in the two-tier channel ends",
            "Vårt partnerskap i återförsäljarkanalen upphör",
            "Ons partnerschap in het tweelaagse kanaal eindigt";
        partner: "Hello,\n\n{own} ends the partnership with {other}. From now on {reseller} cannot be named in new customers, orders and subscriptions of {provider}.\n\nCustomers stay as they are, and so do delegated administration, MPN ID associations and support contacts that are in force. Either of us can change them where we have the right to.\n\nKind regards,\n{own}",
            "Hej,\n\n{own} avslutar partnerskapet med {other}. Från och med nu kan {reseller} inte anges i nya kunder, beställningar och prenumerationer hos {provider}.\n\nKunderna förblir som de är, liksom delegerad administration, MPN-id-kopplingar och supportkontakter som gäller. Var och en av oss kan ändra dem där vi har rätt till det.\n\nVänliga hälsningar\n{own}",
            "Hallo,\n\n{own} beëindigt het partnerschap met {other}. Vanaf nu kan {reseller} niet meer worden genoemd in nieuwe klanten, bestellingen en abonnementen van {provider}.\n\nKlanten blijven zoals ze zijn, net als gedelegeerd beheer, MPN-id-koppelingen en supportcontacten die van kracht zijn. Ieder van ons kan ze wijzigen waar we daartoe het recht hebben.\n\nMet vriendelijke groet,\n{own}";
        customer_subject: "{provider} and {reseller} are no longer partners",
            "{provider} och {reseller} är inte längre partner",
            "{provider} en {reseller} zijn geen partners meer";
        customer: "Hello {customer},\n\n{provider}, your indirect provider, and {reseller}, your indirect reseller, have ended their partnership. Your subscriptions, devices and services stay as they are.",
            "Hej {customer},\n\n{provider}, er indirekta leverantör, och {reseller}, er indirekta återförsäljare, har avslutat sitt partnerskap. Era prenumerationer, enheter och tjänster förblir som de är.",
            "Hallo {customer},\n\n{provider}, uw indirecte provider, en {reseller}, uw indirecte reseller, hebben hun partnerschap beëindigd. Uw abonnementen, apparaten en diensten blijven zoals ze zijn.";
        goes_on: "{reseller} can go on administering your organisation until you end that: your Global administrator sees who can, and can end it at once.",
            "{reseller} kan fortsätta administrera er organisation tills ni avslutar det: er globala administratör ser vem som kan det, och kan avsluta det omedelbart.",
            "{reseller} kan uw organisatie blijven beheren totdat u dat beëindigt: uw globale beheerder ziet wie dat kan en kan het direct beëindigen.";
        goes_on_without: "{reseller} does not administer your organisation.",
            "{reseller} administrerar inte er organisation.",
            "{reseller} beheert uw organisatie niet.";
        customer_end: "Kind regards,\n{own}", "Vänliga hälsningar\n{own}", "Met vriendelijke groet,\n{own}";
    }
}

texts! {
    /// What will lapse.
    pub struct CalendarTexts {
        title: "Calendar", "Kalender", "Kalender";
        lead: "What ends in the next 90 days unless somebody does something.",
            "Vad som upphör de närmaste 90 dagarna om ingen gör något.",
            "Wat de komende 90 dagen eindigt als niemand iets doet.";
        filter: "Show", "Visa", "Toon";
        everything: "Everything", "Allt", "Alles";
        invitation: "Invitation", "Inbjudan", "Uitnodiging";
        relationship_request: "Relationship request", "Relationsbegäran", "Relatieverzoek";
        administration_request: "Request for administration", "Begäran om administration", "Verzoek om beheer";
        administration: "Delegated administration", "Delegerad administration", "Gedelegeerd beheer";
        subscription: "Subscription ends", "Prenumeration upphör", "Abonnement eindigt";
        agreement: "New version of the agreement", "Ny version av avtalet", "Nieuwe versie van de overeenkomst";
        nothing: "Nothing ends in the next 90 days.", "Inget upphör de närmaste 90 dagarna.", "De komende 90 dagen eindigt er niets.";
        when: "When", "När", "Wanneer";
        what: "What", "Vad", "Wat";
        which: "Which", "Vilken", "Welke";
        with: "With", "Med", "Met";
        extends: "extended then", "förlängs då", "wordt dan verlengd";
        more: "There is more: programs page through all of it with GET /v1/calendar.",
            "Det finns mer: program bläddrar igenom allt med GET /v1/calendar.",
            "Er is meer: programma's bladeren door alles met GET /v1/calendar.";
    }
}
