//! What the pages of customers say: the list, one of them, and creating one.

use crate::texts;

texts! {
    /// Customers' pages for partners.
    pub struct CustomerTexts {
        title: "Customers", "Kunder", "Klanten";
        new: "New customer", "Ny kund", "Nieuwe klant";
        search: "Name or domain", "Namn eller domän", "Naam of domein";
        filter: "Indirect reseller", "Indirekt återförsäljare", "Indirecte reseller";
        all: "All", "Alla", "Alle";
        find: "Search", "Sök", "Zoeken";
        clear: "Clear", "Rensa", "Wissen";
        none: "No customer is found.", "Ingen kund hittades.", "Er is geen klant gevonden.";
        none_yet: "Your company has no customers yet.", "Ert företag har inga kunder än.", "Uw bedrijf heeft nog geen klanten.";
        next_page: "Next page", "Nästa sida", "Volgende pagina";
        first_page: "First page", "Första sidan", "Eerste pagina";
        drafts: "Not submitted yet", "Inte inskickade än", "Nog niet ingediend";
        draft_unnamed: "Draft without a name", "Utkast utan namn", "Concept zonder naam";
        draft_until: "kept until {until}", "sparas till {until}", "bewaard tot {until}";

        domain: "Domain", "Domän", "Domein";
        tenant: "Tenant ID", "Klient-ID", "Tenant-ID";
        since: "Customer since", "Kund sedan", "Klant sinds";
        reseller: "Indirect reseller", "Indirekt återförsäljare", "Indirecte reseller";
        provider: "Indirect provider", "Indirekt leverantör", "Indirecte provider";
        direct: "None: you serve it directly", "Ingen: ni betjänar den direkt", "Geen: u bedient deze klant rechtstreeks";
        administration: "Delegated administration", "Delegerad administration", "Gedelegeerd beheer";
        yes: "Yes", "Ja", "Ja";
        no: "No", "Nej", "Nee";
        details: "Details", "Detaljer", "Details";
        to_list: "All customers", "Alla kunder", "Alle klanten";
        billing_contact: "Billing contact", "Faktureringskontakt", "Factuurcontact";
        subscriptions: "Subscriptions", "Prenumerationer", "Abonnementen";
        add_subscription: "Add subscription", "Lägg till prenumeration", "Abonnement toevoegen";
        unknown_title: "No such customer", "Ingen sådan kund", "Geen klant gevonden";
        unknown: "Your company works with no customer under this address. If it exists, ask it for a relationship.",
            "Ert företag arbetar inte med någon kund på den här adressen. Om den finns, be den om en relation.",
            "Uw bedrijf werkt niet met een klant onder dit adres. Bestaat die wel, vraag dan om een relatie.";

        form_title: "New customer", "Ny kund", "Nieuwe klant";
        form_lead: "Fill in the customer's details. Nothing is created before you have reviewed them and submitted.",
            "Fyll i kundens uppgifter. Inget skapas förrän ni har granskat dem och skickat in.",
            "Vul de gegevens van de klant in. Er wordt niets aangemaakt voordat u ze hebt gecontroleerd en ingediend.";
        step_details: "Details", "Uppgifter", "Gegevens";
        step_subscriptions: "Subscriptions", "Prenumerationer", "Abonnementen";
        step_review: "Review", "Granska", "Controleren";
        step_done: "Confirmation", "Bekräftelse", "Bevestiging";
        company_part: "Company", "Företag", "Bedrijf";
        company: "Company name", "Företagsnamn", "Bedrijfsnaam";
        domain_hint: "The customer's own, such as fabrikam.onmicrosoft.com. It cannot be changed later.",
            "Kundens egen, till exempel fabrikam.onmicrosoft.com. Den kan inte ändras senare.",
            "Het eigen domein van de klant, bijvoorbeeld fabrikam.onmicrosoft.com. Het kan later niet worden gewijzigd.";
        domain_wrong: "\"{value}\" is no domain such as fabrikam.onmicrosoft.com.",
            "”{value}” är ingen domän som fabrikam.onmicrosoft.com.",
            "“{value}” is geen domein zoals fabrikam.onmicrosoft.com.";
        domain_taken: "{value} belongs to an organisation here already. Choose another domain, or ask that customer for a relationship.",
            "{value} tillhör redan en organisation här. Välj en annan domän, eller be den kunden om en relation.",
            "{value} is hier al van een organisatie. Kies een ander domein, of vraag die klant om een relatie.";
        address_part: "Billing address", "Faktureringsadress", "Factuuradres";
        country: "Country", "Land", "Land";
        country_outside: "Your company sells in its own region, and this country lies outside it. Check the country; a customer there needs a provider of its own region.",
            "Ert företag säljer i sin egen region, och det här landet ligger utanför den. Kontrollera landet; en kund där behöver en leverantör i sin egen region.",
            "Uw bedrijf verkoopt in de eigen regio, en dit land ligt daarbuiten. Controleer het land; een klant daar heeft een provider uit de eigen regio nodig.";
        address1: "Address", "Adress", "Adres";
        address2: "Address, second line", "Adress, andra raden", "Adres, tweede regel";
        postal: "Postal code", "Postnummer", "Postcode";
        city: "City", "Ort", "Plaats";
        state: "State or province", "Delstat eller provins", "Staat of provincie";
        contact_part: "Billing contact", "Faktureringskontakt", "Factuurcontact";
        email: "E-mail", "E-post", "E-mail";
        first: "First name", "Förnamn", "Voornaam";
        last: "Last name", "Efternamn", "Achternaam";
        registration: "Registration number", "Organisationsnummer", "Registratienummer";
        registration_hint: "Only for companies in countries that ask for it.",
            "Bara för företag i länder som kräver det.",
            "Alleen voor bedrijven in landen die erom vragen.";
        phone: "Telephone", "Telefon", "Telefoon";
        language: "Language", "Språk", "Taal";
        reseller_part: "Indirect reseller", "Indirekt återförsäljare", "Indirecte reseller";
        reseller_hint: "The reseller you choose can administer the customer's account, subscriptions and services from then on. Incentives and support contacts are chosen on each subscription.",
            "Återförsäljaren ni väljer kan därefter administrera kundens konto, prenumerationer och tjänster. Incitament och supportkontakter väljs för varje prenumeration.",
            "De reseller die u kiest, kan vanaf dan het account, de abonnementen en de diensten van de klant beheren. Incentives en supportcontacten kiest u per abonnement.";
        no_reseller: "None: we serve the customer directly", "Ingen: vi betjänar kunden direkt", "Geen: wij bedienen de klant rechtstreeks";
        reseller_gone: "This company is none of your active indirect resellers. Choose another, or none.",
            "Företaget är ingen av era aktiva indirekta återförsäljare. Välj en annan, eller ingen.",
            "Dit bedrijf is geen actieve indirecte reseller van u. Kies een andere, of geen.";
        reseller_unsigned: "This reseller has not signed the Microsoft Partner Agreement in force. Ask it to sign, or choose another.",
            "Återförsäljaren har inte undertecknat det gällande Microsoft Partner Agreement. Be den göra det, eller välj en annan.",
            "Deze reseller heeft het geldende Microsoft Partner Agreement niet ondertekend. Vraag daarom, of kies een andere.";
        own_unsigned: "Your company has not signed the Microsoft Partner Agreement in force. A Global admin signs it on the page /agreement.",
            "Ert företag har inte undertecknat det gällande Microsoft Partner Agreement. En global administratör gör det på sidan /agreement.",
            "Uw bedrijf heeft het geldende Microsoft Partner Agreement niet ondertekend. Een globale beheerder doet dat op de pagina /agreement.";
        setup_part: "Setup info", "Startuppgifter", "Startgegevens";
        setup_hint: "The customer's first admin gets a temporary password. Leave these fields empty to be shown it yourself after submitting, or name the person who gets a link that reveals it once.",
            "Kundens första administratör får ett tillfälligt lösenord. Lämna fälten tomma för att själv se det efter inskickandet, eller ange den person som får en länk som visar det en gång.",
            "De eerste beheerder van de klant krijgt een tijdelijk wachtwoord. Laat deze velden leeg om het na het indienen zelf te zien, of noem de persoon die een link krijgt die het één keer toont.";
        to_name: "Name of the person", "Personens namn", "Naam van de persoon";
        to_email: "E-mail of the person", "Personens e-post", "E-mail van de persoon";
        to_language: "Language of the mail", "Mejlets språk", "Taal van de e-mail";
        next_subscriptions: "Next: Subscriptions", "Nästa: Prenumerationer", "Volgende: Abonnementen";

        review_title: "Review the new customer", "Granska den nya kunden", "Nieuwe klant controleren";
        review_lead: "Nothing is created yet. Submitting creates all of it at once; cancelling leaves nothing.",
            "Inget är skapat än. Att skicka in skapar allt på en gång; att avbryta lämnar inget kvar.",
            "Er is nog niets aangemaakt. Indienen maakt alles in één keer aan; annuleren laat niets achter.";
        review_reseller: "{name} (MPN ID {mpn}) is associated with the customer: it can administer the customer's account, subscriptions and services on the customer's behalf.",
            "{name} (MPN-id {mpn}) knyts till kunden: den kan administrera kundens konto, prenumerationer och tjänster för kundens räkning.",
            "{name} (MPN-id {mpn}) wordt aan de klant gekoppeld: deze kan het account, de abonnementen en de diensten namens de klant beheren.";
        review_direct: "No reseller is associated: your company alone serves and administers the customer.",
            "Ingen återförsäljare knyts: bara ert företag betjänar och administrerar kunden.",
            "Er wordt geen reseller gekoppeld: alleen uw bedrijf bedient en beheert de klant.";
        review_shown: "You are shown the user name and the temporary password after submitting, this one time only.",
            "Ni får se användarnamnet och det tillfälliga lösenordet efter inskickandet, bara den gången.",
            "U ziet de gebruikersnaam en het tijdelijke wachtwoord na het indienen, alleen die keer.";
        review_mailed: "{name} ({email}) gets a link that reveals the user name and the temporary password once.",
            "{name} ({email}) får en länk som visar användarnamnet och det tillfälliga lösenordet en gång.",
            "{name} ({email}) krijgt een link die de gebruikersnaam en het tijdelijke wachtwoord één keer toont.";
        lacking: "This is missing before it can be submitted:", "Detta saknas innan det kan skickas in:", "Dit ontbreekt voordat het kan worden ingediend:";
        submit: "Submit", "Skicka in", "Indienen";
        change: "Change details", "Ändra uppgifter", "Gegevens wijzigen";
        cancel: "Cancel", "Avbryt", "Annuleren";

        done_title: "{company} is your customer now", "{company} är nu er kund", "{company} is nu uw klant";
        done_reseller: "{name} can administer it from now on.", "{name} kan administrera den från och med nu.", "{name} kan deze klant vanaf nu beheren.";
        done_before: "This draft was submitted before, and {company} is your customer. Its temporary password was shown once and cannot be shown again: if it is lost, reset it.",
            "Utkastet har redan skickats in, och {company} är er kund. Det tillfälliga lösenordet visades en gång och kan inte visas igen: om det har tappats bort, återställ det.",
            "Dit concept is al ingediend, en {company} is uw klant. Het tijdelijke wachtwoord is één keer getoond en kan niet opnieuw worden getoond: is het kwijt, stel het dan opnieuw in.";
        draft_gone_title: "This draft is gone", "Utkastet finns inte längre", "Dit concept is er niet meer";
        draft_gone: "It was cancelled, or expired after 7 days. Nothing of it was created.",
            "Det avbröts, eller blev för gammalt efter 7 dagar. Inget av det skapades.",
            "Het is geannuleerd, of na 7 dagen verlopen. Er is niets van aangemaakt.";
        draft_changed: "Somebody changed this draft after you opened it. Look at it again before you go on.",
            "Någon har ändrat utkastet sedan ni öppnade det. Granska det igen innan ni fortsätter.",
            "Iemand heeft dit concept gewijzigd nadat u het opende. Bekijk het opnieuw voordat u verdergaat.";

        reset_title: "Setup info lost?", "Har startuppgifterna tappats bort?", "Startgegevens kwijt?";
        reset_text: "Lost means reset: {user} gets another temporary password. Every password, link and session that the account had before ends at once, and the reset is in the customer's audit trail.",
            "Borttappat betyder återställt: {user} får ett nytt tillfälligt lösenord. Alla lösenord, länkar och sessioner som kontot hade upphör genast, och återställningen syns i kundens granskningslogg.",
            "Kwijt betekent opnieuw instellen: {user} krijgt een ander tijdelijk wachtwoord. Elk wachtwoord, elke link en elke sessie van het account eindigt direct, en dit staat in het auditlogboek van de klant.";
        reset_to: "Leave the fields empty to be shown the password yourself, or name who gets a link to it.",
            "Lämna fälten tomma för att själv se lösenordet, eller ange vem som får en länk till det.",
            "Laat de velden leeg om het wachtwoord zelf te zien, of noem wie een link ernaar krijgt.";
        reset: "Reset the password", "Återställ lösenordet", "Wachtwoord opnieuw instellen";
        reset_done: "The account of {company} was reset", "Kontot för {company} är återställt", "Het account van {company} is opnieuw ingesteld";
        reset_missing: "The account {user} was suspended or removed by the customer. One of its Global admins manages its users.",
            "Kontot {user} har stängts av eller tagits bort av kunden. En av dess globala administratörer hanterar användarna.",
            "Het account {user} is door de klant geblokkeerd of verwijderd. Een globale beheerder van de klant beheert de gebruikers.";
        reset_own: "{user} has a password of its own, so the account is the customer's. Only a partner with full delegated administration may still reset it.",
            "{user} har ett eget lösenord, så kontot är kundens. Bara en partner med fullständig delegerad administration får återställa det.",
            "{user} heeft een eigen wachtwoord, dus het account is van de klant. Alleen een partner met volledig gedelegeerd beheer mag het nog opnieuw instellen.";
        reset_often: "Too many links were mailed for this customer today. Try again tomorrow.",
            "För många länkar har mejlats för den här kunden i dag. Försök igen i morgon.",
            "Er zijn vandaag te veel links voor deze klant gemaild. Probeer het morgen opnieuw.";
        reset_gate: "Your company has no delegated administration of this customer. Ask its admin to grant it.",
            "Ert företag har ingen delegerad administration av kunden. Be dess administratör att ge den.",
            "Uw bedrijf heeft geen gedelegeerd beheer van deze klant. Vraag de beheerder ervan erom.";

        barred_title: "Not with your roles", "Inte med era roller", "Niet met uw rollen";
        role_missing: "You are signed in for {company}, but your roles do not allow this. A Global admin or User management admin of your company can give you one that does.",
            "Ni är inloggade för {company}, men era roller tillåter inte detta. En global administratör eller användaradministratör i ert företag kan ge er en roll som gör det.",
            "U bent aangemeld voor {company}, maar uw rollen staan dit niet toe. Een globale beheerder of gebruikersbeheerder van uw bedrijf kan u een rol geven die dat wel doet.";
        wrong_company: "You are signed in for {company}, which is not the kind of organisation that does this: customers are created by indirect providers, and looked after by their partners.",
            "Ni är inloggade för {company}, som inte är den sortens organisation: kunder skapas av indirekta leverantörer och sköts av sina partner.",
            "U bent aangemeld voor {company}, dat niet het soort organisatie is dat dit doet: klanten worden aangemaakt door indirecte providers en bediend door hun partners.";
    }
}
