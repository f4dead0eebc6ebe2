//! Texts of the pages and mails about partnerships.

use crate::texts;

texts! {
    /// The pages behind an invitation's link.
    pub struct InvitationTexts {
        title: "Invitation from {provider}", "Inbjudan från {provider}", "Uitnodiging van {provider}";
        heading: "{provider} asks to be your indirect provider",
            "{provider} vill bli er indirekta leverantör",
            "{provider} wil uw indirecte provider worden";
        country: "Country", "Land", "Land";
        contact: "Contact", "Kontakt", "Contact";
        sells: "What it sells", "Vad den säljer", "Wat de provider verkoopt";
        sent_to: "Sent to", "Skickad till", "Verzonden aan";
        open_until: "Open until", "Öppen till", "Open tot";
        public_lead: "Sign in for your company to see what accepting means, and to accept or decline.",
            "Logga in för ert företag för att se vad det innebär att acceptera, och för att acceptera eller avböja.",
            "Meld u aan voor uw bedrijf om te zien wat accepteren betekent, en om te accepteren of te weigeren.";
        sign_in: "Sign in", "Logga in", "Aanmelden";
        enrol_first: "Not enrolled as indirect reseller yet? Enrol first and come back: this browser keeps the invitation, and the link in the mail stays valid.",
            "Inte anslutna som indirekt återförsäljare än? Anslut er först och kom tillbaka: webbläsaren minns inbjudan, och länken i mejlet förblir giltig.",
            "Nog niet geregistreerd als indirecte reseller? Registreer u eerst en kom terug: deze browser onthoudt de uitnodiging, en de link in de e-mail blijft geldig.";
        enrol: "Enrol as indirect reseller", "Anslut som indirekt återförsäljare", "Registreren als indirecte reseller";
        signed_in_lead: "You are signed in for {company}. Look at what accepting means, then answer.",
            "Ni är inloggade för {company}. Se vad det innebär att acceptera, och svara sedan.",
            "U bent aangemeld voor {company}. Bekijk wat accepteren betekent en antwoord dan.";
        look: "Look at the invitation", "Visa inbjudan", "Uitnodiging bekijken";
        not_a_reseller: "You are signed in for {company}, which is not an indirect reseller. An invitation is answered by the reseller it was sent to: sign out, and sign in for that company.",
            "Ni är inloggade för {company}, som inte är indirekt återförsäljare. En inbjudan besvaras av den återförsäljare som den skickades till: logga ut, och logga in för det företaget.",
            "U bent aangemeld voor {company}, dat geen indirecte reseller is. Een uitnodiging wordt beantwoord door de reseller aan wie zij is gestuurd: meld u af en meld u aan voor dat bedrijf.";
        role_missing: "You are signed in for {company}, but your roles do not allow you to answer. A Global admin, Admin agent or Sales agent of your company can: pass the link on to one of them.",
            "Ni är inloggade för {company}, men med roller som inte räcker för att svara. Det kan en global administratör, administratörsagent eller säljagent i ert företag: skicka länken vidare.",
            "U bent aangemeld voor {company}, maar uw rollen staan u niet toe te antwoorden. Een globale beheerder, beheeragent of verkoopagent van uw bedrijf kan dat wel: stuur de link door.";
        means_title: "What accepting means", "Vad det innebär att acceptera", "Wat accepteren betekent";
        means_orders: "{provider} can add customers on your behalf and submit orders for your customers.",
            "{provider} kan lägga till kunder för er räkning och lägga beställningar för era kunder.",
            "{provider} kan namens u klanten toevoegen en bestellingen voor uw klanten plaatsen.";
        means_support: "It can associate you with a subscription and name you as its support contact.",
            "Den kan knyta er till en prenumeration och ange er som dess supportkontakt.",
            "De provider kan u aan een abonnement koppelen en u als supportcontact noemen.";
        means_lists: "You appear in its list of indirect resellers, and it in your list of providers.",
            "Ni syns i dess lista över indirekta återförsäljare, och den i er lista över leverantörer.",
            "U staat in zijn lijst van indirecte resellers, en de provider in uw lijst van providers.";
        not_title: "What it does not mean", "Vad det inte innebär", "Wat het niet betekent";
        not_rights: "It gives neither side rights inside the other's organisation.",
            "Det ger ingen av parterna rättigheter i den andras organisation.",
            "Het geeft geen van beide partijen rechten binnen de organisatie van de ander.";
        not_customers: "It gives nobody access to a customer: each customer's own delegation does that.",
            "Det ger ingen tillgång till en kund: det gör bara kundens egen delegering.",
            "Het geeft niemand toegang tot een klant: dat doet alleen de delegatie van de klant zelf.";
        not_for_ever: "Either side can end it later. Customers and their delegations stay as they are then.",
            "Båda parter kan avsluta det senare. Kunder och deras delegeringar förblir då som de är.",
            "Beide partijen kunnen het later beëindigen. Klanten en hun delegaties blijven dan zoals ze zijn.";
        lacking_title: "What is missing", "Vad som saknas", "Wat ontbreekt";
        lacking_lead: "The invitation can be accepted once this is done. Come back with the link then.",
            "Inbjudan kan accepteras när detta är gjort. Kom tillbaka med länken då.",
            "De uitnodiging kan worden geaccepteerd zodra dit geregeld is. Kom dan terug met de link.";
        lacking_mpn_unknown: "The invitation names an MPN ID that is not yours, or not approved yet.",
            "Inbjudan anger ett MPN-id som inte är ert, eller inte är godkänt än.",
            "De uitnodiging noemt een MPN-id die niet van u is, of nog niet is goedgekeurd.";
        lacking_mpn_global: "The invitation names your partner global account. Ask {contact} for one that names the location you onboarded with.",
            "Inbjudan anger ert globala partnerkonto. Be {contact} om en som anger den plats ni anslöt er med.",
            "De uitnodiging noemt uw globale partneraccount. Vraag {contact} om een uitnodiging voor de locatie waarmee u bent aangesloten.";
        lacking_mpn_location: "The invitation names a location of yours that never onboarded. Ask {contact} for one that names the location you onboarded with.",
            "Inbjudan anger en av era platser som aldrig har anslutits. Be {contact} om en som anger den plats ni anslöt er med.",
            "De uitnodiging noemt een locatie van u die nooit is aangesloten. Vraag {contact} om een uitnodiging voor de locatie waarmee u bent aangesloten.";
        lacking_enrolment: "Your company's enrolment as indirect reseller is not approved. While it waits, the operator checks it and you get a mail; if it was rejected, enrol again.",
            "Ert företags anslutning som indirekt återförsäljare är inte godkänd. Medan den väntar kontrollerar operatören den och ni får ett mejl; om den avslogs, anslut er igen.",
            "De registratie van uw bedrijf als indirecte reseller is niet goedgekeurd. Zolang zij wacht, controleert de beheerder van het platform haar en krijgt u een e-mail; is zij afgewezen, registreer u dan opnieuw.";
        lacking_region: "{provider} sells in another region than yours, so it cannot be your provider.",
            "{provider} säljer i en annan region än er, så den kan inte vara er leverantör.",
            "{provider} verkoopt in een andere regio dan u en kan daarom niet uw provider zijn.";
        agreement_title: "Before you can do business", "Innan ni kan göra affärer", "Voordat u zaken kunt doen";
        agreement_missing: "Your company has not signed the Microsoft Partner Agreement in force. You can accept, but until a Global admin of your company has signed it, no customer can be created for you, no order placed for you, and your MPN ID cannot be put on a subscription.",
            "Ert företag har inte undertecknat det gällande Microsoft Partner-avtalet. Ni kan acceptera, men tills en global administratör i ert företag har undertecknat det kan ingen kund skapas för er, ingen beställning läggas för er och ert MPN-id inte sättas på en prenumeration.",
            "Uw bedrijf heeft de geldende Microsoft Partner Agreement niet ondertekend. U kunt accepteren, maar totdat een globale beheerder van uw bedrijf haar heeft ondertekend, kan er geen klant voor u worden aangemaakt, geen bestelling voor u worden geplaatst en uw MPN-id niet op een abonnement worden gezet.";
        agreement_missing_still: "Your company has not signed the Microsoft Partner Agreement in force. Until a Global admin of your company has signed it, no customer can be created for you, no order placed for you, and your MPN ID cannot be put on a subscription.",
            "Ert företag har inte undertecknat det gällande Microsoft Partner-avtalet. Tills en global administratör i ert företag har undertecknat det kan ingen kund skapas för er, ingen beställning läggas för er och ert MPN-id inte sättas på en prenumeration.",
            "Uw bedrijf heeft de geldende Microsoft Partner Agreement niet ondertekend. Totdat een globale beheerder van uw bedrijf haar heeft ondertekend, kan er geen klant voor u worden aangemaakt, geen bestelling voor u worden geplaatst en uw MPN-id niet op een abonnement worden gezet.";
        sign_agreement: "Read and sign the agreement", "Läs och underteckna avtalet", "Overeenkomst lezen en ondertekenen";
        answer_title: "Your answer", "Ert svar", "Uw antwoord";
        answer_for: "You answer for {company}.", "Ni svarar för {company}.", "U antwoordt voor {company}.";
        accept: "Accept", "Acceptera", "Accepteren";
        decline: "Decline", "Avböj", "Weigeren";
        decline_reason: "Reason for declining", "Skäl till att avböja", "Reden om te weigeren";
        decline_hint: "Optional. {provider} reads it; at most {limit} characters.",
            "Frivilligt. {provider} läser det; högst {limit} tecken.",
            "Niet verplicht. {provider} leest haar; hoogstens {limit} tekens.";
        decline_title: "Not interested?", "Inte intresserade?", "Niet geïnteresseerd?";
        finish: "Done", "Klart", "Klaar";
        later: "Not now", "Inte nu", "Niet nu";
        changed: "What {provider} says about itself has changed since this page was shown. Read it again, then answer.",
            "Det som {provider} säger om sig självt har ändrats sedan sidan visades. Läs det igen och svara sedan.",
            "Wat {provider} over zichzelf zegt, is veranderd sinds deze pagina werd getoond. Lees het opnieuw en antwoord dan.";
        partners_title: "You and {provider} are partners",
            "Ni och {provider} är partner",
            "U en {provider} zijn partners";
        partners_text: "{company} has been an indirect reseller of {provider} since {since}.",
            "{company} är indirekt återförsäljare till {provider} sedan {since}.",
            "{company} is sinds {since} indirecte reseller van {provider}.";
        declined_title: "You declined", "Ni avböjde", "U hebt geweigerd";
        declined_text: "{provider} has been told. If you change your mind, ask {contact} for a new invitation.",
            "{provider} har fått veta det. Om ni ändrar er, be {contact} om en ny inbjudan.",
            "{provider} weet het. Als u van gedachten verandert, vraag {contact} dan om een nieuwe uitnodiging.";
        dead_title: "This invitation is not valid any more",
            "Inbjudan gäller inte längre",
            "Deze uitnodiging is niet meer geldig";
        dead_text: "It was answered, taken back or replaced, or it has expired, or the address is not complete. Ask the provider who sent it for a new one.",
            "Den är besvarad, återtagen eller ersatt, eller har gått ut, eller så är adressen inte fullständig. Be leverantören som skickade den om en ny.",
            "Zij is beantwoord, ingetrokken of vervangen, of verlopen, of het adres is niet volledig. Vraag de provider die haar stuurde om een nieuwe.";
    }
}

texts! {
    /// Mails about invitations, and the usual words of a draft.
    pub struct InvitationMailTexts {
        subject: "{provider} invites you to work together as indirect reseller",
            "{provider} bjuder in er att bli indirekt återförsäljare",
            "{provider} nodigt u uit om als indirecte reseller samen te werken";
        message: "Hello,\n\n{provider} would like to work with your company: we as your indirect provider, you as our indirect reseller.\n\nThis personal link says what that means, and lets you accept or decline:\n\n{link}\n\nYou need an account in the partner centre and an approved enrolment as indirect reseller. If you have neither yet, enrol first; the link stays valid meanwhile: {enrol}\n\nKind regards,\n{provider}",
            "Hej,\n\n{provider} vill gärna arbeta med ert företag: vi som er indirekta leverantör, ni som vår indirekta återförsäljare.\n\nDen här personliga länken berättar vad det innebär och låter er acceptera eller avböja:\n\n{link}\n\nNi behöver ett konto i partnercentret och en godkänd anslutning som indirekt återförsäljare. Har ni inget av detta än, anslut er först; länken gäller under tiden: {enrol}\n\nVänliga hälsningar\n{provider}",
            "Hallo,\n\n{provider} werkt graag met uw bedrijf samen: wij als uw indirecte provider, u als onze indirecte reseller.\n\nDeze persoonlijke link vertelt wat dat betekent en laat u accepteren of weigeren:\n\n{link}\n\nU hebt een account in het partnercentrum nodig en een goedgekeurde registratie als indirecte reseller. Hebt u die nog niet, registreer u dan eerst; de link blijft intussen geldig: {enrol}\n\nMet vriendelijke groet,\n{provider}";
        short: "Please open this personal link: {link}", "Öppna den här personliga länken: {link}",
            "Open deze persoonlijke link: {link}";
        button: "Open the invitation", "Öppna inbjudan", "Uitnodiging openen";
        reminder_subject: "Reminder: {provider}'s invitation is open until {until}",
            "Påminnelse: inbjudan från {provider} är öppen till {until}",
            "Herinnering: de uitnodiging van {provider} is open tot {until}";
        reminder_message: "Hello,\n\n{provider} has invited your company to be its indirect reseller, and nobody has answered yet. The invitation is open until {until}:\n\n{link}\n\nIf you do not want to accept, you can decline there, and get no more reminders.",
            "Hej,\n\n{provider} har bjudit in ert företag att bli indirekt återförsäljare, och ingen har svarat än. Inbjudan är öppen till {until}:\n\n{link}\n\nVill ni inte acceptera kan ni avböja där, och får då inga fler påminnelser.",
            "Hallo,\n\n{provider} heeft uw bedrijf uitgenodigd om indirecte reseller te worden, en niemand heeft nog geantwoord. De uitnodiging is open tot {until}:\n\n{link}\n\nWilt u niet accepteren, dan kunt u daar weigeren; u krijgt dan geen herinneringen meer.";
        greeting: "Hello {name},", "Hej {name},", "Hallo {name},";
        accepted_subject: "{reseller} is your indirect reseller now",
            "{reseller} är nu er indirekta återförsäljare",
            "{reseller} is nu uw indirecte reseller";
        accepted: "{reseller} accepted the invitation from {provider} and is in your list of indirect resellers.",
            "{reseller} har accepterat inbjudan från {provider} och finns i er lista över indirekta återförsäljare.",
            "{reseller} heeft de uitnodiging van {provider} geaccepteerd en staat in uw lijst van indirecte resellers.";
        own_accepted_subject: "Your company is an indirect reseller of {provider} now",
            "Ert företag är nu indirekt återförsäljare till {provider}",
            "Uw bedrijf is nu indirecte reseller van {provider}";
        own_accepted: "A colleague accepted the invitation from {provider} for {reseller}.",
            "En kollega har accepterat inbjudan från {provider} för {reseller}.",
            "Een collega heeft de uitnodiging van {provider} voor {reseller} geaccepteerd.";
        declined_subject: "The invitation to {mailbox} was declined",
            "Inbjudan till {mailbox} avböjdes",
            "De uitnodiging aan {mailbox} is geweigerd";
        declined: "The invitation from {provider} to {mailbox} was declined.",
            "Inbjudan från {provider} till {mailbox} avböjdes.",
            "De uitnodiging van {provider} aan {mailbox} is geweigerd.";
        declined_reason: "The reason given: {reason}", "Skälet som angavs: {reason}", "De opgegeven reden: {reason}";
        standing_declined_subject: "{reseller} declined", "{reseller} avböjde", "{reseller} heeft geweigerd";
        standing_declined: "{reseller} looked at the standing link of {provider} and declined.",
            "{reseller} har sett den stående länken från {provider} och avböjt.",
            "{reseller} heeft de vaste link van {provider} bekeken en geweigerd.";
        own_standing_declined: "A colleague declined to become an indirect reseller of {provider} for {reseller}.",
            "En kollega avböjde för {reseller} att bli indirekt återförsäljare till {provider}.",
            "Een collega heeft namens {reseller} geweigerd indirecte reseller van {provider} te worden.";
        own_declined_subject: "Your company declined an invitation from {provider}",
            "Ert företag avböjde en inbjudan från {provider}",
            "Uw bedrijf heeft een uitnodiging van {provider} geweigerd";
        own_declined: "A colleague declined the invitation that {provider} sent to {mailbox}.",
            "En kollega avböjde inbjudan som {provider} skickade till {mailbox}.",
            "Een collega heeft de uitnodiging die {provider} aan {mailbox} stuurde geweigerd.";
        expiring_subject: "The invitation to {mailbox} ends on {until}",
            "Inbjudan till {mailbox} går ut {until}",
            "De uitnodiging aan {mailbox} verloopt op {until}";
        expiring: "Nobody has answered the invitation from {provider} to {mailbox} yet. It is open until {until}; send it again to give it more time.",
            "Ingen har svarat på inbjudan från {provider} till {mailbox} än. Den är öppen till {until}; skicka den igen för att ge den mer tid.",
            "Niemand heeft de uitnodiging van {provider} aan {mailbox} nog beantwoord. Zij is open tot {until}; stuur haar opnieuw om haar meer tijd te geven.";
        news_why: "You get this mail because you sent the invitation or asked to be told. What you are told is your own choice.",
            "Du får det här mejlet för att du skickade inbjudan eller har bett om det. Vad du får veta väljer du själv.",
            "U krijgt deze e-mail omdat u de uitnodiging stuurde of erom hebt gevraagd. Waarover u bericht krijgt, kiest u zelf.";
    }
}

texts! {
    /// The usual words of a mail that asks a reseller to sign the agreement.
    pub struct AgreementReminderTexts {
        subject: "Please sign the Microsoft Partner Agreement",
            "Underteckna Microsoft Partner-avtalet",
            "Onderteken de Microsoft Partner Agreement";
        message: "Hello,\n\n{reseller} has not signed the Microsoft Partner Agreement that is in force now. Until a Global admin of your company has signed it, we cannot create customers for you, submit orders for your customers or put your MPN ID on a subscription.\n\nIt can be read and signed here: {page}\n\nKind regards,\n{provider}",
            "Hej,\n\n{reseller} har inte undertecknat det Microsoft Partner-avtal som gäller nu. Tills en global administratör i ert företag har undertecknat det kan vi inte skapa kunder för er, lägga beställningar för era kunder eller sätta ert MPN-id på en prenumeration.\n\nDet kan läsas och undertecknas här: {page}\n\nVänliga hälsningar\n{provider}",
            "Hallo,\n\n{reseller} heeft de Microsoft Partner Agreement die nu geldt niet ondertekend. Totdat een globale beheerder van uw bedrijf haar heeft ondertekend, kunnen wij geen klanten voor u aanmaken, geen bestellingen voor uw klanten plaatsen en uw MPN-id niet op een abonnement zetten.\n\nU kunt haar hier lezen en ondertekenen: {page}\n\nMet vriendelijke groet,\n{provider}";
    }
}
