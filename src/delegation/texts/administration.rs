//! Texts of the pages about delegated administration.

use crate::texts;

texts! {
    /// Pages of customers and partners about who administers whom.
    pub struct AdministrationTexts {
        title: "Who can administer us", "Vem kan administrera oss", "Wie kan ons beheren";
        lead: "These partners can administer {customer} at this moment. End what you do not want: it takes effect at once, and what you buy goes on.",
            "Dessa partner kan administrera {customer} just nu. Avsluta det ni inte vill ha: det gäller genast, och det ni köper fortsätter.",
            "Deze partners kunnen {customer} op dit moment beheren. Beëindig wat u niet wilt: het gaat meteen in, en wat u koopt loopt door.";
        nobody: "Nobody but your own organisation can administer {customer}.",
            "Ingen utom er egen organisation kan administrera {customer}.",
            "Niemand behalve uw eigen organisatie kan {customer} beheren.";
        since: "Since", "Sedan", "Sinds";
        until: "Until", "Till", "Tot";
        no_end: "without end, until you end it", "utan slut, tills ni avslutar det", "zonder einde, totdat u het beëindigt";
        extended: "then extended by 180 days", "förlängs då med 180 dagar", "dan met 180 dagen verlengd";
        roles: "Roles", "Roller", "Rollen";
        all_roles: "All roles (full delegated administration)",
            "Alla roller (full delegerad administration)",
            "Alle rollen (volledig gedelegeerd beheer)";
        why: "Why", "Varför", "Waarom";
        why_created: "It came with your organisation when that was made here.",
            "Det kom med er organisation när den lades upp här.",
            "Het kwam met uw organisatie toen die hier werd aangemaakt.";
        why_request: "An admin of yours approved a request for a relationship.",
            "En administratör hos er godkände en begäran om en relation.",
            "Een beheerder van u keurde een relatieverzoek goed.";
        why_granular: "An admin of yours approved \"{name}\".",
            "En administratör hos er godkände \"{name}\".",
            "Een beheerder van u keurde \"{name}\" goed.";
        why_default: "It came with your organisation, as \"{name}\".",
            "Det kom med er organisation, som \"{name}\".",
            "Het kwam met uw organisatie, als \"{name}\".";
        end_title: "End this", "Avsluta detta", "Dit beëindigen";
        end_text: "{partner} can then no longer see or change your devices and settings by this. Registrations under way stop. Nothing already registered is removed.",
            "{partner} kan då inte längre se eller ändra era enheter och inställningar genom detta. Pågående registreringar stoppas. Inget som redan registrerats tas bort.",
            "{partner} kan uw apparaten en instellingen hierdoor dan niet meer zien of wijzigen. Lopende registraties stoppen. Wat al geregistreerd is, blijft.";
        end: "End it now", "Avsluta nu", "Nu beëindigen";
        ended: "Ended. {partner} cannot use it any more.", "Avslutat. {partner} kan inte använda det längre.", "Beëindigd. {partner} kan het niet meer gebruiken.";
        asking_title: "Waiting for your answer", "Väntar på ert svar", "Wacht op uw antwoord";
        asking: "{partner} asks for delegated administration: \"{name}\".",
            "{partner} ber om delegerad administration: \"{name}\".",
            "{partner} vraagt om gedelegeerd beheer: \"{name}\".";
        look: "Look at the request", "Visa begäran", "Verzoek bekijken";
        owners_title: "Tenant owners", "Klientorganisationsägare", "Tenanteigenaren";
        owner: "{partner}, since {since}. This opens no devices.",
            "{partner}, sedan {since}. Det öppnar inga enheter.",
            "{partner}, sinds {since}. Dit opent geen apparaten.";
        role_missing: "Only a Global administrator of your organisation sees and decides this.",
            "Bara en global administratör i er organisation ser och beslutar om detta.",
            "Alleen een globale beheerder van uw organisatie ziet en beslist dit.";
        request_title: "{partner} asks to administer your organisation",
            "{partner} vill administrera er organisation",
            "{partner} vraagt uw organisatie te mogen beheren";
        request_public: "Sign in as a Global administrator of the organisation that is asked, to approve or decline.",
            "Logga in som global administratör i den organisation som tillfrågas, för att godkänna eller avböja.",
            "Meld u aan als globale beheerder van de organisatie die gevraagd wordt, om goed te keuren of af te wijzen.";
        request_called: "Called", "Kallas", "Naam";
        request_country: "Country", "Land", "Land";
        request_contact: "Contact", "Kontakt", "Contact";
        request_lasts: "Lasts", "Gäller", "Duur";
        request_days: "{days} days from the approval", "{days} dagar från godkännandet", "{days} dagen vanaf de goedkeuring";
        request_lapses: "Open until", "Öppen till", "Open tot";
        means_title: "What approving means", "Vad det innebär att godkänna", "Wat goedkeuren betekent";
        means_devices: "With Global Administrator, Intune Administrator or Cloud Device Administrator it can register, change and remove your devices.",
            "Med Global Administrator, Intune Administrator eller Cloud Device Administrator kan den registrera, ändra och ta bort era enheter.",
            "Met Global Administrator, Intune Administrator of Cloud Device Administrator kan de partner uw apparaten registreren, wijzigen en verwijderen.";
        means_only: "It gets these roles only, for this time only, and its own people hold them in groups of its company.",
            "Den får bara dessa roller, bara under denna tid, och dess egna medarbetare har dem genom grupper i företaget.",
            "De partner krijgt alleen deze rollen, alleen voor deze tijd, en de eigen mensen hebben ze via groepen van het bedrijf.";
        means_end: "You can end it at any time, at once, on the page Who can administer us.",
            "Ni kan avsluta det när som helst, genast, på sidan Vem kan administrera oss.",
            "U kunt het op elk moment meteen beëindigen, op de pagina Wie kan ons beheren.";
        not_title: "What it does not mean", "Vad det inte innebär", "Wat het niet betekent";
        not_sales: "It changes nothing about what you buy, from whom, or who supports you.",
            "Det ändrar ingenting i vad ni köper, av vem, eller vem som ger er support.",
            "Het verandert niets aan wat u koopt, van wie, of wie u ondersteunt.";
        without_relationship: "{partner} has no relationship with your organisation yet, so there is nothing to administer. Ask it for a relationship request first.",
            "{partner} har ingen relation med er organisation än, så det finns inget att administrera. Be den om en relationsbegäran först.",
            "{partner} heeft nog geen relatie met uw organisatie, dus er is niets te beheren. Vraag eerst om een relatieverzoek.";
        approve: "Approve", "Godkänn", "Goedkeuren";
        decline: "Decline", "Avböj", "Afwijzen";
        changed: "What is asked for has changed since you looked. This is what is asked now.",
            "Det som begärs har ändrats sedan ni tittade. Så här lyder begäran nu.",
            "Wat er gevraagd wordt is veranderd sinds u keek. Dit wordt nu gevraagd.";
        approved_title: "{partner} can administer your organisation",
            "{partner} kan administrera er organisation",
            "{partner} kan uw organisatie beheren";
        approved_text: "\"{name}\" is approved and lasts until {until}. You can end it at any time.",
            "\"{name}\" är godkänd och gäller till {until}. Ni kan avsluta den när som helst.",
            "\"{name}\" is goedgekeurd en duurt tot {until}. U kunt het op elk moment beëindigen.";
        declined_title: "Nothing was approved", "Inget har godkänts", "Er is niets goedgekeurd";
        declined_text: "\"{name}\" is not in force. {partner} got no rights by it.",
            "\"{name}\" gäller inte. {partner} fick inga rättigheter genom den.",
            "\"{name}\" is niet van kracht. {partner} kreeg er geen rechten door.";
        dead_title: "This link asks for nothing", "Länken begär ingenting", "Deze link vraagt niets";
        dead_text: "It may have lapsed, been withdrawn or been meant for another organisation. Ask whoever sent it for a new one.",
            "Den kan ha upphört, dragits tillbaka eller varit avsedd för en annan organisation. Be avsändaren om en ny.",
            "Hij kan vervallen of ingetrokken zijn, of voor een andere organisatie bedoeld. Vraag de afzender om een nieuwe.";
        not_customer: "You are signed in for {company}, which is not a customer's organisation. A request is answered by a Global administrator of the customer: sign out, and sign in there.",
            "Ni är inloggade för {company}, som inte är en kunds organisation. En begäran besvaras av kundens globala administratör: logga ut, och logga in där.",
            "U bent aangemeld voor {company}, dat geen organisatie van een klant is. Een verzoek wordt beantwoord door een globale beheerder van de klant: meld u af en meld u daar aan.";
        sign_in: "Sign in", "Logga in", "Aanmelden";
        later: "Not now", "Inte nu", "Nu niet";
        list_title: "Delegated administration", "Delegerad administration", "Gedelegeerd beheer";
        list_lead: "Ask a customer for roles for a time, assign them to your groups, and see what ends when.",
            "Be en kund om roller för en tid, tilldela dem till era grupper, och se vad som upphör när.",
            "Vraag een klant om rollen voor een tijd, wijs ze toe aan uw groepen, en zie wat wanneer eindigt.";
        list_none: "There is no granular delegated administration yet.",
            "Det finns ingen detaljerad delegerad administration än.",
            "Er is nog geen gedetailleerd gedelegeerd beheer.";
        name: "Name", "Namn", "Naam";
        customer: "Customer", "Kund", "Klant";
        any_customer: "whoever approves the link", "den som godkänner länken", "wie de link goedkeurt";
        status: "Status", "Status", "Status";
        ends: "Ends", "Upphör", "Eindigt";
        status_created: "created", "skapad", "aangemaakt";
        status_asked: "waits for the customer", "väntar på kunden", "wacht op de klant";
        status_active: "active", "aktiv", "actief";
        status_expired: "expired", "utgången", "verlopen";
        status_terminated: "ended", "avslutad", "beëindigd";
        more: "Next page", "Nästa sida", "Volgende pagina";
        new_title: "Ask for delegated administration", "Be om delegerad administration", "Vraag gedelegeerd beheer aan";
        new_name_hint: "The customer sees it; at most 50 characters.", "Kunden ser det; högst 50 tecken.", "De klant ziet het; hoogstens 50 tekens.";
        new_customer_hint: "Domain or tenant id of one of your customers. Leave it empty for a link that any of them can approve.",
            "Domän eller klient-id för en av era kunder. Lämna tomt för en länk som vilken som helst av dem kan godkänna.",
            "Domein of tenant-id van een van uw klanten. Laat leeg voor een link die elk van hen kan goedkeuren.";
        new_days: "Days", "Dagar", "Dagen";
        new_days_hint: "From 1 to 730.", "Från 1 till 730.", "Van 1 tot 730.";
        new_extend: "Extend by 180 days at its end (not with Global Administrator)",
            "Förläng med 180 dagar när den upphör (inte med Global Administrator)",
            "Aan het einde met 180 dagen verlengen (niet met Global Administrator)";
        new_roles_devices: "For devices", "För enheter", "Voor apparaten";
        new_roles_other: "Other roles", "Andra roller", "Andere rollen";
        new_roles_missing: "Choose at least one role.", "Välj minst en roll.", "Kies minstens één rol.";
        new_create: "Create", "Skapa", "Aanmaken";
        customer_unknown: "You work with no customer of this domain or tenant id.",
            "Ni arbetar inte med någon kund med denna domän eller detta klient-id.",
            "U werkt met geen klant met dit domein of deze tenant-id.";
        name_taken: "You already have one of this name.", "Ni har redan en med detta namn.", "U hebt er al een met deze naam.";
        days_wrong: "Write a number from 1 to 730.", "Skriv ett tal från 1 till 730.", "Vul een getal van 1 tot 730 in.";
        extend_wrong: "What has Global Administrator is not extended: choose one or the other.",
            "Det som har Global Administrator förlängs inte: välj det ena eller det andra.",
            "Wat Global Administrator heeft, wordt niet verlengd: kies het een of het ander.";
        ask_text: "Ask the customer. Nothing of it can be changed from then on.",
            "Fråga kunden. Inget i den kan ändras efter det.",
            "Vraag de klant. Daarna kan er niets meer aan veranderd worden.";
        ask: "Ask the customer", "Fråga kunden", "De klant vragen";
        delete: "Delete", "Ta bort", "Verwijderen";
        link_title: "The link for the customer", "Länken till kunden", "De link voor de klant";
        link_text: "Send it to a Global administrator of the customer. It works for 90 days and once.",
            "Skicka den till en global administratör hos kunden. Den fungerar i 90 dagar och en gång.",
            "Stuur hem naar een globale beheerder van de klant. Hij werkt 90 dagen en één keer.";
        link_mailed: "The customer has been told by mail as well.", "Kunden har också fått ett mejl.", "De klant heeft ook een e-mail gekregen.";
        groups_title: "Which of your groups hold which roles", "Vilka av era grupper har vilka roller", "Welke van uw groepen hebben welke rollen";
        groups_lead: "Whoever has the role in your company is a member of its group. Global admins are members of all three.",
            "Den som har rollen i ert företag är medlem i dess grupp. Globala administratörer är medlemmar i alla tre.",
            "Wie de rol in uw bedrijf heeft, is lid van de groep ervan. Globale beheerders zijn lid van alle drie.";
        groups_none: "No role: nobody of this group can use it.", "Ingen roll: ingen i gruppen kan använda den.", "Geen rol: niemand van deze groep kan het gebruiken.";
        save: "Save", "Spara", "Opslaan";
        terminate_text: "End it for both sides, at once.", "Avsluta för båda parter, genast.", "Voor beide kanten meteen beëindigen.";
        back: "Back to the list", "Tillbaka till listan", "Terug naar de lijst";
        state_wrong: "It has changed meanwhile. This is how it stands now.", "Den har ändrats under tiden. Så här är läget nu.", "Het is intussen veranderd. Zo staat het er nu voor.";
        partners_only: "This page is for partners. A customer sees who administers it on its own page.",
            "Sidan är för partner. En kund ser vem som administrerar den på sin egen sida.",
            "Deze pagina is voor partners. Een klant ziet op zijn eigen pagina wie hem beheert.";
        helpdesk: "Your roles let you look, not change anything here.", "Med dina roller kan du titta, men inte ändra något här.", "Met uw rollen kunt u hier kijken, maar niets wijzigen.";
    }
}
