//! Texts of the pages about companies.

use crate::texts;

texts! {
    /// Enrolling as indirect reseller.
    pub struct EnrolTexts {
        title: "Enrol as indirect reseller", "Anslut som indirekt återförsäljare", "Registreren als indirecte reseller";
        introduction:
            "Enrol your company once. When the operator has approved it, indirect providers can become your partners.",
            "Anslut ditt företag en gång. När operatören har godkänt det kan indirekta leverantörer bli era partner.",
            "Registreer uw bedrijf één keer. Zodra de beheerder het heeft goedgekeurd, kunnen indirecte providers uw partner worden.";
        company_title: "Your company", "Ert företag", "Uw bedrijf";
        company: "Company name", "Företagsnamn", "Bedrijfsnaam";
        company_hint: "As it is registered, at most 200 characters.",
            "Som det är registrerat, högst 200 tecken.",
            "Zoals het is ingeschreven, hoogstens 200 tekens.";
        country: "Country", "Land", "Land";
        country_hint: "Where the company is registered.",
            "Där företaget är registrerat.",
            "Waar het bedrijf is ingeschreven.";
        domain: "Domain", "Domän", "Domein";
        domain_hint: "A domain of your company, such as fabrikam.example. It names your organisation here.",
            "En domän som tillhör företaget, till exempel fabrikam.example. Den är organisationens namn här.",
            "Een domein van uw bedrijf, zoals fabrikam.example. Het is hier de naam van uw organisatie.";
        mpn_title: "Your MPN IDs", "Era MPN-id:n", "Uw MPN-id's";
        mpn_text: "The operator checks them before it approves the enrolment.",
            "Operatören kontrollerar dem innan anslutningen godkänns.",
            "De beheerder controleert ze voordat de registratie wordt goedgekeurd.";
        global: "Partner global account", "Globalt partnerkonto", "Globaal partneraccount";
        global_hint: "The MPN ID of the company as a whole: 1 to 12 digits.",
            "MPN-id för företaget som helhet: 1 till 12 siffror.",
            "De MPN-id van het bedrijf als geheel: 1 tot 12 cijfers.";
        locations: "Partner location accounts", "Platskonton", "Locatieaccounts";
        locations_hint: "The MPN ID of each location, one per line; at most {limit}.",
            "MPN-id för varje plats, en per rad; högst {limit}.",
            "De MPN-id van elke locatie, één per regel; hoogstens {limit}.";
        onboarding: "Location that onboards", "Plats som ansluts", "Locatie die zich aansluit";
        onboarding_hint: "The one of these locations with which you do business here.",
            "Den av platserna som ni gör affärer med här.",
            "Die van deze locaties waarmee u hier zaken doet.";
        admin_title: "The first administrator", "Den första administratören", "De eerste beheerder";
        admin_name: "Name", "Namn", "Naam";
        admin_name_hint: "The person who will manage your company here.",
            "Personen som ska sköta företaget här.",
            "De persoon die uw bedrijf hier gaat beheren.";
        admin_email: "E-mail address", "E-postadress", "E-mailadres";
        admin_email_hint: "We send a code to it with which the person chooses a password.",
            "Vi skickar en kod dit som personen väljer sitt lösenord med.",
            "We sturen er een code naartoe waarmee de persoon een wachtwoord kiest.";
        submit: "Enrol", "Anslut", "Registreren";

        domain_wrong: "\"{value}\" is no domain such as fabrikam.example.",
            "”{value}” är ingen domän som fabrikam.example.",
            "‘{value}’ is geen domein zoals fabrikam.example.";
        mpn_wrong: "\"{value}\" is no MPN ID: it has 1 to 12 digits.",
            "”{value}” är inget MPN-id: det har 1 till 12 siffror.",
            "‘{value}’ is geen MPN-id: die heeft 1 tot 12 cijfers.";
        too_many_locations: "At most {limit} locations are taken in one enrolment; these are {count}.",
            "Högst {limit} platser tas emot i en anslutning; här är {count}.",
            "Per registratie zijn hoogstens {limit} locaties mogelijk; dit zijn er {count}.";
        domain_taken:
            "The domain {value} already belongs to an organisation here. If you have just sent this form, your enrolment has arrived: look for our mail.",
            "Domänen {value} tillhör redan en organisation här. Om du nyss skickade formuläret har er anslutning kommit fram: leta efter vårt mejl.",
            "Het domein {value} is hier al van een organisatie. Hebt u dit formulier zojuist verstuurd, dan is uw registratie aangekomen: zoek onze mail.";
        mpn_twice: "The MPN ID {value} is named twice. Name the global account once and each location once.",
            "MPN-id {value} anges två gånger. Ange det globala kontot en gång och varje plats en gång.",
            "De MPN-id {value} staat er twee keer. Noem het globale account één keer en elke locatie één keer.";
        onboarding_global: "{value} is the global account. Onboard with the MPN ID of a location.",
            "{value} är det globala kontot. Anslut med MPN-id för en plats.",
            "{value} is het globale account. Sluit u aan met de MPN-id van een locatie.";
        onboarding_unknown: "{value} is not among the locations named. Onboard with one of them.",
            "{value} finns inte bland platserna. Anslut med en av dem.",
            "{value} staat niet bij de genoemde locaties. Sluit u aan met een daarvan.";
        mpn_of_another: "The MPN ID {value} is verified for another company. Check the number.",
            "MPN-id {value} är verifierat för ett annat företag. Kontrollera numret.",
            "De MPN-id {value} is voor een ander bedrijf geverifieerd. Controleer het nummer.";

        submitted_title: "Your enrolment has arrived", "Er anslutning har kommit fram", "Uw registratie is ontvangen";
        submitted_lead: "This is what happens next:", "Detta händer nu:", "Dit gebeurt er nu:";
        next_activate_title: "Activate the account", "Aktivera kontot", "Activeer het account";
        next_activate: "The administrator you named gets a mail with a code, and chooses a password with it.",
            "Administratören ni angav får ett mejl med en kod och väljer sitt lösenord med den.",
            "De genoemde beheerder krijgt een mail met een code en kiest daarmee een wachtwoord.";
        next_approval_title: "The operator decides", "Operatören beslutar", "De beheerder van het platform beslist";
        next_approval: "The operator of this partner centre checks the company and its MPN IDs. You get a mail with the decision.",
            "Operatören av detta partnercenter kontrollerar företaget och dess MPN-id:n. Ni får ett mejl med beslutet.",
            "De beheerder van dit partnercentrum controleert het bedrijf en zijn MPN-id's. U krijgt een mail met het besluit.";
        next_invitation_title: "Become a provider's partner", "Bli en leverantörs partner", "Word partner van een provider";
        next_invitation: "Once approved, open the invitation of an indirect provider again and accept it.",
            "När ni är godkända: öppna en indirekt leverantörs inbjudan igen och acceptera den.",
            "Open na de goedkeuring de uitnodiging van een indirecte provider opnieuw en accepteer die.";
    }
}

texts! {
    /// Reading and signing the partner agreement.
    pub struct AgreementTexts {
        title: "Microsoft Partner Agreement", "Microsoft Partner-avtalet", "Microsoft Partner Agreement";
        none: "No version of the agreement is in force yet. The operator publishes it.",
            "Ingen version av avtalet gäller än. Operatören publicerar det.",
            "Er is nog geen versie van de overeenkomst van kracht. De beheerder van het platform publiceert haar.";
        lead: "Both sides of a partnership sign it. Without it no customer can be created, no order can be placed, and no MPN ID can be put on a subscription.",
            "Båda parter i ett partnerskap undertecknar det. Utan det kan ingen kund skapas, ingen beställning läggas och inget MPN-id sättas på en prenumeration.",
            "Beide partijen van een partnerschap ondertekenen haar. Zonder deze overeenkomst kan er geen klant worden aangemaakt, geen bestelling worden geplaatst en geen MPN-id op een abonnement worden gezet.";
        name: "Agreement", "Avtal", "Overeenkomst";
        version: "Version in force", "Gällande version", "Geldende versie";
        document: "Document", "Dokument", "Document";
        signed: "{company} signed this version on {since}.",
            "{company} undertecknade den här versionen {since}.",
            "{company} heeft deze versie ondertekend op {since}.";
        binds: "Read the document first. By signing you accept it for {company}; your name and the time are kept.",
            "Läs dokumentet först. När du undertecknar godkänner du det för {company}; ditt namn och tiden sparas.",
            "Lees eerst het document. Door te ondertekenen aanvaardt u het namens {company}; uw naam en het tijdstip worden bewaard.";
        sign: "Sign", "Underteckna", "Ondertekenen";
        role_missing: "A Global admin of {company} signs the agreement. Your roles do not include that.",
            "En global administratör för {company} undertecknar avtalet. Den rollen har du inte.",
            "Een globale beheerder van {company} ondertekent de overeenkomst. U hebt die rol niet.";
    }
}
