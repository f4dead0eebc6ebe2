//! Texts of the pages and mails about requests for a relationship.

use crate::texts;

texts! {
    /// The pages behind the link of a request.
    pub struct RequestTexts {
        title: "Request from {partner}", "Förfrågan från {partner}", "Verzoek van {partner}";
        heading: "{partner} asks to work for your organisation",
            "{partner} vill arbeta för er organisation",
            "{partner} wil voor uw organisatie werken";
        country: "Country", "Land", "Land";
        contact: "Contact", "Kontakt", "Contact";
        sells: "What it sells", "Vad den säljer", "Wat de partner verkoopt";
        who_serves: "Who would look after you", "Vem som skulle ta hand om er", "Wie u zou bedienen";

        serves_two_tier: "{reseller}, as reseller, through {provider}",
            "{reseller}, som återförsäljare, genom {provider}",
            "{reseller}, als reseller, via {provider}";
        administration: "Delegated administration", "Delegerad administration", "Gedelegeerd beheer";
        administration_yes: "Included", "Ingår", "Inbegrepen";
        administration_no: "Not included", "Ingår inte", "Niet inbegrepen";
        sent_to: "Sent to", "Skickad till", "Verzonden aan";
        open_until: "Open until", "Öppen till", "Open tot";
        public_lead: "Sign in as Global admin of your organisation to see what approving means, and to approve or decline.",
            "Logga in som global administratör för er organisation för att se vad det innebär att godkänna, och för att godkänna eller avböja.",
            "Meld u aan als globale beheerder van uw organisatie om te zien wat goedkeuren betekent, en om goed te keuren of te weigeren.";
        sign_in: "Sign in", "Logga in", "Aanmelden";
        new_tenant_lead: "Your organisation has no account here yet? Make one first. This browser keeps the request meanwhile, and the link you were sent stays valid.",
            "Har er organisation inget konto här än? Skapa ett först. Webbläsaren minns förfrågan under tiden, och länken ni fick förblir giltig.",
            "Heeft uw organisatie hier nog geen account? Maak er eerst een. Deze browser onthoudt het verzoek intussen, en de link die u kreeg blijft geldig.";
        new_tenant: "Make an account", "Skapa ett konto", "Account maken";
        signed_in_lead: "You are signed in for {company}. Look at what approving means, then answer.",
            "Du är inloggad för {company}. Se vad det innebär att godkänna, och svara sedan.",
            "U bent aangemeld voor {company}. Bekijk wat goedkeuren betekent en antwoord dan.";
        look: "Look at the request", "Visa förfrågan", "Verzoek bekijken";
        not_a_customer: "You are signed in for {company}, which is not a customer organisation. A request is answered by the customer it was sent to: sign out, and sign in for that organisation.",
            "Du är inloggad för {company}, som inte är en kundorganisation. En förfrågan besvaras av den kund som den skickades till: logga ut, och logga in för den organisationen.",
            "U bent aangemeld voor {company}, dat geen klantorganisatie is. Een verzoek wordt beantwoord door de klant aan wie het is gestuurd: meld u af en meld u aan voor die organisatie.";
        role_missing: "You are signed in for {company}, but only a Global admin of your organisation can answer: pass the link on to one of them.",
            "Du är inloggad för {company}, men bara en global administratör i er organisation kan svara: skicka länken vidare.",
            "U bent aangemeld voor {company}, maar alleen een globale beheerder van uw organisatie kan antwoorden: stuur de link door.";
        means_title: "What approving means", "Vad det innebär att godkänna", "Wat goedkeuren betekent";
        means_sells: "{provider} can sell you subscriptions and licences, and sees your company name, your domain and your billing profile.",
            "{provider} kan sälja prenumerationer och licenser till er, och ser ert företagsnamn, er domän och er faktureringsprofil.",
            "{provider} kan u abonnementen en licenties verkopen en ziet uw bedrijfsnaam, uw domein en uw factureringsprofiel.";
        means_reseller: "{reseller} looks after you as reseller, through {provider}, and sees the same.",
            "{reseller} tar hand om er som återförsäljare, genom {provider}, och ser detsamma.",
            "{reseller} bedient u als reseller, via {provider}, en ziet hetzelfde.";
        means_administers: "{partners} can administer your Azure Active Directory and Office 365 for you, and register, see and remove your devices: with all roles, and until you end it.",
            "{partners} kan administrera er Azure Active Directory och Office 365 åt er, och registrera, se och ta bort era enheter: med alla roller, och tills ni avslutar det.",
            "{partners} kan uw Azure Active Directory en Office 365 voor u beheren, en uw apparaten registreren, zien en verwijderen: met alle rollen, en totdat u het beëindigt.";
        not_title: "What it does not mean", "Vad det inte innebär", "Wat het niet betekent";
        not_administers: "Nobody gets delegated administration: no partner can change your directory or your devices.",
            "Ingen får delegerad administration: ingen partner kan ändra er katalog eller era enheter.",
            "Niemand krijgt gedelegeerd beheer: geen partner kan uw directory of uw apparaten wijzigen.";
        not_others: "Your relationships with other partners stay as they are.",
            "Era relationer med andra partner förblir som de är.",
            "Uw relaties met andere partners blijven zoals ze zijn.";
        not_buying: "You buy nothing by it.", "Ni köper inget genom det.", "U koopt er niets mee.";
        not_for_ever: "It is not for ever: you can end delegated administration at once, at any time, and go on without any partner.",
            "Det är inte för alltid: ni kan när som helst avsluta delegerad administration, med omedelbar verkan, och fortsätta utan någon partner.",
            "Het is niet voor altijd: u kunt gedelegeerd beheer op elk moment per direct beëindigen en zonder partner verdergaan.";
        and: "{provider} and {reseller}", "{provider} och {reseller}", "{provider} en {reseller}";
        obstacle_title: "Why it cannot be approved now", "Varför det inte kan godkännas nu", "Waarom het nu niet kan worden goedgekeurd";
        obstacle_agreement: "{name} has not signed the Microsoft Partner Agreement in force. Ask it to sign; the link stays valid meanwhile.",
            "{name} har inte undertecknat det gällande Microsoft Partner-avtalet. Be dem underteckna det; länken gäller under tiden.",
            "{name} heeft de geldende Microsoft Partner Agreement niet ondertekend. Vraag om ondertekening; de link blijft intussen geldig.";
        obstacle_region: "{provider} sells in another region than yours. Ask for a provider of your own region.",
            "{provider} säljer i en annan region än er. Be om en leverantör i er egen region.",
            "{provider} verkoopt in een andere regio dan de uwe. Vraag om een provider uit uw eigen regio.";
        answer_title: "Your answer", "Ert svar", "Uw antwoord";
        answer_for: "You answer for {company}.", "Du svarar för {company}.", "U antwoordt voor {company}.";
        approve: "Approve", "Godkänn", "Goedkeuren";
        decline: "Decline", "Avböj", "Weigeren";
        decline_title: "Not interested?", "Inte intresserade?", "Niet geïnteresseerd?";
        decline_reason: "Reason for declining", "Skäl till att avböja", "Reden om te weigeren";
        decline_hint: "Optional. {partner} reads it; at most {limit} characters.",
            "Frivilligt. {partner} läser det; högst {limit} tecken.",
            "Niet verplicht. {partner} leest haar; hoogstens {limit} tekens.";
        later: "Not now", "Inte nu", "Niet nu";
        finish: "Done", "Klart", "Klaar";
        changed: "What this request says has changed since the page was shown. Read it again, then answer.",
            "Det som står i förfrågan har ändrats sedan sidan visades. Läs den igen och svara sedan.",
            "Wat in dit verzoek staat, is veranderd sinds de pagina werd getoond. Lees het opnieuw en antwoord dan.";
        approved_title: "{company} works with {partner}",
            "{company} arbetar med {partner}",
            "{company} werkt met {partner}";
        approved_text: "The relationship has been in force since {since}.",
            "Relationen gäller sedan {since}.",
            "De relatie geldt sinds {since}.";
        approved_administers: "It included delegated administration by {partners}. You can end that at once, at any time.",
            "I den ingick delegerad administration för {partners}. Ni kan när som helst avsluta den, med omedelbar verkan.",
            "Gedelegeerd beheer door {partners} was inbegrepen. U kunt dat op elk moment per direct beëindigen.";
        approved_sells: "This request gave nobody delegated administration.",
            "Förfrågan gav ingen delegerad administration.",
            "Dit verzoek gaf niemand gedelegeerd beheer.";
        declined_title: "You declined", "Ni avböjde", "U hebt geweigerd";
        declined_text: "{partner} has been told. If you change your mind, ask {contact} for a new request.",
            "{partner} har fått veta det. Om ni ändrar er, be {contact} om en ny förfrågan.",
            "{partner} weet het. Als u van gedachten verandert, vraag {contact} dan om een nieuw verzoek.";
        dead_title: "This request is not valid any more", "Förfrågan gäller inte längre", "Dit verzoek is niet meer geldig";
        dead_text: "It was answered or taken back, or it has expired, or the address is not complete. Ask the partner who sent it for a new one.",
            "Den är besvarad eller återtagen, eller har gått ut, eller så är adressen inte fullständig. Be partnern som skickade den om en ny.",
            "Het is beantwoord of ingetrokken, of verlopen, of het adres is niet volledig. Vraag de partner die het stuurde om een nieuw.";
    }
}

texts! {
    /// The form with which a customer makes its own tenant.
    pub struct TenantTexts {
        title: "Make an account for your organisation", "Skapa ett konto för er organisation", "Maak een account voor uw organisatie";
        introduction: "Your organisation gets a tenant of its own here. It stays yours, whatever you answer {partner} and whichever partners you work with later.",
            "Er organisation får en egen klientorganisation här. Den är er, vad ni än svarar {partner} och vilka partner ni än arbetar med senare.",
            "Uw organisatie krijgt hier een eigen tenant. Die blijft van u, wat u {partner} ook antwoordt en met welke partners u later ook werkt.";
        company_title: "Your organisation", "Er organisation", "Uw organisatie";
        company: "Name", "Namn", "Naam";
        country: "Country", "Land", "Land";
        address: "Street and number", "Gata och nummer", "Straat en nummer";
        postal_code: "Postal code", "Postnummer", "Postcode";
        postal_code_hint: "May be left empty.", "Kan lämnas tomt.", "Mag leeg blijven.";
        city: "City", "Ort", "Plaats";
        domain_title: "Its name here", "Namnet här", "De naam hier";
        prefix: "Beginning of the domain", "Domänens början", "Begin van het domein";
        prefix_hint: "Letters, digits and hyphens, at most {limit}: fabrikam becomes fabrikam.{suffix}. It cannot be changed later.",
            "Bokstäver, siffror och bindestreck, högst {limit}: fabrikam blir fabrikam.{suffix}. Det kan inte ändras senare.",
            "Letters, cijfers en koppeltekens, hoogstens {limit}: fabrikam wordt fabrikam.{suffix}. Dit kan later niet worden gewijzigd.";
        prefix_wrong: "“{value}” is no such name: use 1 to {limit} letters a to z, digits and hyphens, and no hyphen at the ends.",
            "”{value}” är inget sådant namn: använd 1 till {limit} bokstäver a till z, siffror och bindestreck, och inget bindestreck i ändarna.",
            "“{value}” is niet zo’n naam: gebruik 1 tot {limit} letters a tot z, cijfers en koppeltekens, en geen koppelteken aan de uiteinden.";
        domain_taken: "{value} already belongs to an organisation here. If it is yours, sign in; else choose another.",
            "{value} tillhör redan en organisation här. Är det er, logga in; välj annars ett annat.",
            "{value} is al van een organisatie hier. Is dat de uwe, meld u dan aan; kies anders een ander.";
        admin_title: "Its first Global admin", "Den första globala administratören", "De eerste globale beheerder";
        admin_name: "Your name", "Ditt namn", "Uw naam";
        admin_email: "Your e-mail address", "Din e-postadress", "Uw e-mailadres";
        admin_email_hint: "You sign in with it. We send a code there to be sure that it is yours.",
            "Du loggar in med den. Vi skickar en kod dit för att vara säkra på att den är din.",
            "U meldt zich ermee aan. We sturen er een code naartoe om zeker te weten dat het uw adres is.";
        too_many_mails: "No more mails are sent to this address today. Try again tomorrow, or use another address.",
            "Inga fler mejl skickas till adressen i dag. Försök igen i morgon, eller använd en annan adress.",
            "Er worden vandaag geen e-mails meer naar dit adres gestuurd. Probeer het morgen opnieuw, of gebruik een ander adres.";
        submit: "Make the account", "Skapa kontot", "Account maken";
        made_title: "Look into your mailbox", "Titta i din inkorg", "Kijk in uw mailbox";
        made_lead: "If the address is yours, a mail is on its way.", "Om adressen är din är ett mejl på väg.", "Als het adres van u is, is er een e-mail onderweg.";
        next_activate_title: "Activate your account", "Aktivera ditt konto", "Activeer uw account";
        next_activate: "Open the link in the mail and choose a password.", "Öppna länken i mejlet och välj ett lösenord.", "Open de link in de e-mail en kies een wachtwoord.";
        next_answer_title: "Answer the request", "Besvara förfrågan", "Beantwoord het verzoek";
        next_answer: "In this browser you come back to the request by yourself. In another one, open the link that you were sent once more. Nothing is approved until you answer.",
            "I den här webbläsaren kommer du själv tillbaka till förfrågan. I en annan öppnar du länken du fick en gång till. Inget är godkänt förrän du svarar.",
            "In deze browser komt u vanzelf terug bij het verzoek. In een andere opent u de link die u kreeg nog een keer. Er is niets goedgekeurd totdat u antwoordt.";
    }
}

texts! {
    /// Mails about requests, and the usual words of a draft.
    pub struct RequestMailTexts {
        subject: "{partner} asks for a relationship with your organisation",
            "{partner} ber om en relation med er organisation",
            "{partner} vraagt om een relatie met uw organisatie";
        hello: "Hello,", "Hej,", "Hallo,";
        asks_direct: "{provider} would like to work for your organisation: to sell you subscriptions and licences and to look after them.",
            "{provider} vill gärna arbeta för er organisation: sälja prenumerationer och licenser till er och ta hand om dem.",
            "{provider} werkt graag voor uw organisatie: u abonnementen en licenties verkopen en ze verzorgen.";
        asks_two_tier: "{reseller} would like to look after your organisation as reseller, through {provider}, which sells you the subscriptions and licences.",
            "{reseller} vill gärna ta hand om er organisation som återförsäljare, genom {provider}, som säljer prenumerationerna och licenserna till er.",
            "{reseller} bedient uw organisatie graag als reseller, via {provider}, die u de abonnementen en licenties verkoopt.";
        asks_administration: "The request includes delegated administration privileges for Azure Active Directory and Office 365. You can end them at any time.",
            "Förfrågan omfattar delegerade administratörsbehörigheter för Azure Active Directory och Office 365. Ni kan avsluta dem när som helst.",
            "Het verzoek omvat gedelegeerde beheerdersrechten voor Azure Active Directory en Office 365. U kunt ze op elk moment beëindigen.";
        asks_no_administration: "The request does not include delegated administration: nobody gets access to your directory.",
            "Förfrågan omfattar inte delegerad administration: ingen får åtkomst till er katalog.",
            "Het verzoek omvat geen gedelegeerd beheer: niemand krijgt toegang tot uw directory.";
        open_it: "This link says what that means, and lets a Global admin of your organisation approve or decline:\n\n{link}",
            "Den här länken berättar vad det innebär och låter en global administratör i er organisation godkänna eller avböja:\n\n{link}",
            "Deze link vertelt wat dat betekent en laat een globale beheerder van uw organisatie goedkeuren of weigeren:\n\n{link}";
        no_account: "If your organisation has no account there yet, it can make one on the same page.",
            "Har er organisation inget konto där än kan den skapa ett på samma sida.",
            "Heeft uw organisatie daar nog geen account, dan kan zij er op dezelfde pagina een maken.";
        regards: "Kind regards,\n{partner}", "Vänliga hälsningar\n{partner}", "Met vriendelijke groet,\n{partner}";
        button: "Open the request", "Öppna förfrågan", "Verzoek openen";
        greeting: "Hello {name},", "Hej {name},", "Hallo {name},";
        approved_subject: "{customer} approved the request for a relationship",
            "{customer} har godkänt förfrågan om en relation",
            "{customer} heeft het verzoek om een relatie goedgekeurd";
        approved: "{customer} has a relationship with {provider} now and is in your list of customers.",
            "{customer} har nu en relation med {provider} och finns i er kundlista.",
            "{customer} heeft nu een relatie met {provider} en staat in uw klantenlijst.";
        approved_two_tier: "{customer} has a relationship with {provider} and, through it, with {reseller} as reseller now, and is in your list of customers.",
            "{customer} har nu en relation med {provider} och genom den med {reseller} som återförsäljare, och finns i er kundlista.",
            "{customer} heeft nu een relatie met {provider} en via die provider met {reseller} als reseller, en staat in uw klantenlijst.";
        with_administration: "Delegated administration is included.", "Delegerad administration ingår.", "Gedelegeerd beheer is inbegrepen.";
        without_administration: "Delegated administration was not asked for by this request.",
            "Förfrågan omfattade inte delegerad administration.",
            "Dit verzoek omvatte geen gedelegeerd beheer.";
        declined_subject: "{customer} declined the request for a relationship",
            "{customer} avböjde förfrågan om en relation",
            "{customer} heeft het verzoek om een relatie geweigerd";
        declined: "{customer} looked at the request for a relationship and declined.",
            "{customer} har sett förfrågan om en relation och avböjt.",
            "{customer} heeft het verzoek om een relatie bekeken en geweigerd.";
        declined_reason: "The reason given: {reason}", "Skälet som angavs: {reason}", "De opgegeven reden: {reason}";
        news_why: "You get this mail because you sent the request or asked to be told. What you are told is your own choice.",
            "Du får det här mejlet för att du skickade förfrågan eller har bett om det. Vad du får veta väljer du själv.",
            "U krijgt deze e-mail omdat u het verzoek stuurde of erom hebt gevraagd. Waarover u bericht krijgt, kiest u zelf.";
    }
}
