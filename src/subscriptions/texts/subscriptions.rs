//! What the pages of subscriptions and of incentives say.

use crate::texts;

texts! {
    /// Subscriptions of a customer: the list, one of them, adding one.
    pub struct SubscriptionTexts {
        title: "Subscriptions", "Prenumerationer", "Abonnementen";
        title_of: "Subscriptions of {company}", "Prenumerationer för {company}", "Abonnementen van {company}";
        add: "Add subscription", "Lägg till prenumeration", "Abonnement toevoegen";
        to_customer: "To the customer", "Till kunden", "Naar de klant";
        to_list: "All subscriptions", "Alla prenumerationer", "Alle abonnementen";
        none_add: "Nothing is sold to this customer yet. Add its first subscription.",
            "Inget har sålts till kunden än. Lägg till den första prenumerationen.",
            "Er is nog niets aan deze klant verkocht. Voeg het eerste abonnement toe.";
        none_ask: "Your company manages no subscription of this customer. The provider that sells to it adds subscriptions and names resellers of record.",
            "Ert företag hanterar ingen prenumeration för kunden. Leverantören som säljer till den lägger till prenumerationer och anger återförsäljare.",
            "Uw bedrijf beheert geen abonnement van deze klant. De provider die aan de klant verkoopt, voegt abonnementen toe en wijst resellers aan.";
        none_own: "Your organisation has no subscriptions. Ask the partner that serves you for what you need.",
            "Er organisation har inga prenumerationer. Be partnern som betjänar er om det ni behöver.",
            "Uw organisatie heeft geen abonnementen. Vraag de partner die u bedient om wat u nodig hebt.";
        ordered: "The order is placed, and the subscription runs.",
            "Beställningen är lagd, och prenumerationen är igång.",
            "De bestelling is geplaatst en het abonnement loopt.";
        name: "Name", "Namn", "Naam";
        offer: "Offer", "Erbjudande", "Aanbieding";
        licences: "Licences", "Licenser", "Licenties";
        status: "Status", "Status", "Status";
        term_end: "Term ends", "Löptiden slutar", "Looptijd eindigt";
        of_record: "Reseller (MPN ID)", "Återförsäljare (MPN-id)", "Reseller (MPN-id)";
        nobody: "Nobody", "Ingen", "Niemand";
        renews: "renews", "förnyas", "wordt verlengd";
        ends: "ends", "upphör", "loopt af";
        next_page: "Next page", "Nästa sida", "Volgende pagina";
        first_page: "First page", "Första sidan", "Eerste pagina";

        active: "Active", "Aktiv", "Actief";
        suspended: "Suspended", "Pausad", "Onderbroken";
        expired: "Expired", "Utgången", "Verlopen";
        disabled: "Disabled", "Inaktiverad", "Uitgeschakeld";
        deleted: "Deleted", "Borttagen", "Verwijderd";
        sold_by: "Sold by", "Såld av", "Verkocht door";
        term: "Term", "Löptid", "Looptijd";
        term_text: "{term}, until {until}", "{term}, till {until}", "{term}, tot {until}";
        charged: "Charged", "Debiteras", "Facturering";
        renewal: "Renewal", "Förnyelse", "Verlenging";
        renewal_on: "Another term follows by itself", "En ny löptid följer automatiskt", "Er volgt vanzelf een nieuwe looptijd";
        renewal_suspended: "Ends with its term, unless it is taken up again before",
            "Upphör med löptiden, om den inte återupptas innan dess",
            "Loopt af met de looptijd, tenzij het eerder wordt hervat";
        renewal_off: "Ends with its term", "Upphör med löptiden", "Loopt af met de looptijd";
        next_term: "From the next term on", "Från nästa löptid", "Vanaf de volgende looptijd";
        added_to: "Added to", "Läggs till", "Toegevoegd aan";
        contact: "Designated support contact", "Utsedd supportkontakt", "Aangewezen supportcontact";
        since: "{name}, since {since}", "{name}, sedan {since}", "{name}, sinds {since}";
        id: "Subscription ID", "Prenumerations-id", "Abonnements-id";
        answers_you: "{name} answers you for this subscription. Which partners can administer your organisation is another matter:",
            "{name} svarar er om den här prenumerationen. Vilka partner som kan administrera er organisation är en annan sak:",
            "{name} helpt u met vragen over dit abonnement. Welke partners uw organisatie kunnen beheren, is iets anders:";
        administrators: "Who can administer us", "Vem kan administrera oss", "Wie kan ons beheren";
        read_only: "Your roles let you look at this subscription, not change it.",
            "Era roller låter er se prenumerationen, inte ändra den.",
            "Met uw rollen kunt u dit abonnement bekijken, niet wijzigen.";
        changes: "Change this subscription", "Ändra prenumerationen", "Dit abonnement wijzigen";
        changes_lead: "Each of these does what it says and nothing else.",
            "Var och en av dessa gör vad den säger och inget annat.",
            "Elk hiervan doet wat er staat en niets anders.";

        quantity: "Number of licences", "Antal licenser", "Aantal licenties";
        quantity_effect: "More are bought at once, and fewer are given back; who has a licence assigned stays as it is.",
            "Fler köps genast och färre lämnas tillbaka; vem som har en licens tilldelad ändras inte.",
            "Meer worden direct gekocht en minder worden teruggegeven; wie een licentie heeft, verandert niet.";
        quantity_limits: "From {minimum} to {maximum}.", "Från {minimum} till {maximum}.", "Van {minimum} tot {maximum}.";
        quantity_back: "{count} can be given back until {until}.", "{count} kan lämnas tillbaka till {until}.", "{count} kunnen worden teruggegeven tot {until}.";
        quantity_no_back: "None can be given back now; that goes for 7 days after licences were bought or renewed.",
            "Inga kan lämnas tillbaka nu; det går i 7 dagar efter att licenser köptes eller förnyades.",
            "Er kan nu niets worden teruggegeven; dat kan tot 7 dagen nadat licenties zijn gekocht of verlengd.";
        quantity_save: "Change the number", "Ändra antalet", "Aantal wijzigen";
        name_effect: "Changes what the subscription is called, and nothing else.",
            "Ändrar vad prenumerationen kallas, och inget annat.",
            "Wijzigt hoe het abonnement heet, en niets anders.";
        name_label: "Name of the subscription", "Prenumerationens namn", "Naam van het abonnement";
        name_save: "Rename", "Byt namn", "Naam wijzigen";
        renew_effect: "It ends on {until} now. Turned on, another term of {term} follows by itself.",
            "Den upphör nu {until}. Med förnyelse följer automatiskt en ny löptid på {term}.",
            "Het loopt nu af op {until}. Met verlenging volgt vanzelf een nieuwe looptijd van {term}.";
        renew: "Turn renewal on", "Slå på förnyelse", "Verlenging aanzetten";
        lapse_effect: "Another term of {term} follows on {until} now. Turned off, the subscription ends then, and what was planned for the next term is forgotten.",
            "En ny löptid på {term} följer nu {until}. Utan förnyelse upphör prenumerationen då, och det som planerats för nästa löptid glöms.",
            "Op {until} volgt nu een nieuwe looptijd van {term}. Zonder verlenging loopt het abonnement dan af en vervalt wat voor de volgende looptijd was gepland.";
        lapse: "Turn renewal off", "Stäng av förnyelse", "Verlenging uitzetten";
        not_renewable: "This offer is not renewed by itself: the subscription ends on {until}.",
            "Erbjudandet förnyas inte automatiskt: prenumerationen upphör {until}.",
            "Deze aanbieding wordt niet vanzelf verlengd: het abonnement loopt af op {until}.";
        suspend_title: "Suspend", "Pausa", "Onderbreken";
        suspend_effect: "Its users lose the service at once, its add-ons are suspended with it, and nothing is credited for incentives meanwhile. The term runs on, and what was planned for the next one is forgotten.",
            "Användarna förlorar tjänsten genast, tilläggen pausas också, och inga incitament ges under tiden. Löptiden går vidare, och det som planerats för nästa glöms.",
            "De gebruikers verliezen de dienst direct, de add-ons worden mee onderbroken en er worden intussen geen incentives toegekend. De looptijd loopt door en wat voor de volgende was gepland, vervalt.";
        suspend_confirm: "Yes, suspend {name}", "Ja, pausa {name}", "Ja, {name} onderbreken";
        suspend: "Suspend", "Pausa", "Onderbreken";
        resume_title: "Take up again", "Återuppta", "Hervatten";
        resume_effect: "Its users have the service again at once, and its reseller of record is credited again. Add-ons that were suspended with it are taken up one by one.",
            "Användarna får tjänsten igen genast, och återförsäljaren får åter incitament. Tillägg som pausades återupptas ett och ett.",
            "De gebruikers hebben de dienst direct weer en de gekoppelde reseller krijgt weer incentives. Mee onderbroken add-ons hervat u één voor één.";
        resume_confirm: "Yes, take {name} up again", "Ja, återuppta {name}", "Ja, {name} hervatten";
        resume: "Take up again", "Återuppta", "Hervatten";
        confirm_missing: "Tick the box to confirm.", "Markera rutan för att bekräfta.", "Vink het vakje aan om te bevestigen.";
        reseller_effect: "The reseller manages this subscription and is credited for incentives from now on; it neither becomes the customer's reseller nor answers its support requests.",
            "Återförsäljaren hanterar prenumerationen och får incitament från och med nu; den blir varken kundens återförsäljare eller supportkontakt.",
            "De reseller beheert dit abonnement en krijgt vanaf nu incentives; deze wordt niet de reseller van de klant en beantwoordt geen supportvragen.";
        reseller_unpaid: "The reseller manages this subscription; this offer earns no incentives. It neither becomes the customer's reseller nor answers its support requests.",
            "Återförsäljaren hanterar prenumerationen; erbjudandet ger inga incitament. Den blir varken kundens återförsäljare eller supportkontakt.",
            "De reseller beheert dit abonnement; deze aanbieding levert geen incentives op. Deze wordt niet de reseller van de klant en beantwoordt geen supportvragen.";
        reseller_save: "Associate", "Knyt", "Koppelen";
        contact_effect: "Whom you choose answers the customer's support requests about this subscription, and the customer sees it; it gains no access and no incentives.",
            "Den ni väljer svarar på kundens supportfrågor om prenumerationen, och kunden ser det; den får varken åtkomst eller incitament.",
            "Wie u kiest, beantwoordt de supportvragen van de klant over dit abonnement, en de klant ziet dat; het geeft geen toegang en geen incentives.";
        contact_own: "Your own company", "Ert eget företag", "Uw eigen bedrijf";
        contact_save: "Designate", "Utse", "Aanwijzen";

        done_licences: "The number of licences is changed.", "Antalet licenser är ändrat.", "Het aantal licenties is gewijzigd.";
        done_name: "The subscription is renamed.", "Prenumerationen har bytt namn.", "De naam van het abonnement is gewijzigd.";
        done_renewal: "The renewal is changed.", "Förnyelsen är ändrad.", "De verlenging is gewijzigd.";
        done_status: "The status is changed.", "Statusen är ändrad.", "De status is gewijzigd.";
        done_reseller: "The reseller of record is changed.", "Återförsäljaren är ändrad.", "De gekoppelde reseller is gewijzigd.";
        done_contact: "The support contact is changed.", "Supportkontakten är ändrad.", "Het supportcontact is gewijzigd.";
        stale: "Somebody changed this subscription after you opened the page, so nothing was done. Below is what it is now, with what you typed: look at it, and send it again if you still want it.",
            "Någon har ändrat prenumerationen sedan ni öppnade sidan, så inget gjordes. Nedan står hur den är nu, med det ni skrev: granska och skicka igen om ni fortfarande vill.",
            "Iemand heeft dit abonnement gewijzigd nadat u de pagina opende, dus er is niets gedaan. Hieronder staat hoe het nu is, met wat u typte: bekijk het en verstuur het opnieuw als u dat nog wilt.";
        too_many_back: "{fewer} fewer does not go: {possible} can be given back now. Take {possible} off at most, or turn the renewal off.",
            "{fewer} färre går inte: {possible} kan lämnas tillbaka nu. Minska med högst {possible}, eller stäng av förnyelsen.",
            "{fewer} minder gaat niet: er kunnen er nu {possible} worden teruggegeven. Verminder met hoogstens {possible}, of zet de verlenging uit.";
        not_now: "This cannot be changed any more: the subscription is in another state now. Look at it above.",
            "Detta kan inte ändras längre: prenumerationen har en annan status nu. Se ovan.",
            "Dit kan niet meer worden gewijzigd: het abonnement heeft nu een andere status. Zie hierboven.";
        parent_first: "What this is added to does not run. Take that up first.",
            "Det som detta läggs till är inte igång. Återuppta det först.",
            "Waaraan dit is toegevoegd, loopt niet. Hervat dat eerst.";
        seller_gone: "The provider that sold this works with the customer no more, so nothing more can be bought through it.",
            "Leverantören som sålde detta arbetar inte längre med kunden, så inget mer kan köpas genom den.",
            "De provider die dit verkocht, werkt niet meer met de klant, dus via die kan niets meer worden gekocht.";
        agreement_first: "Nothing is sold to this customer before it is confirmed that it accepted the Microsoft Customer Agreement.",
            "Inget säljs till kunden innan det är bekräftat att den har godkänt Microsoft Customer Agreement.",
            "Er wordt niets aan deze klant verkocht voordat is bevestigd dat die de Microsoft Customer Agreement heeft aanvaard.";
        unknown_title: "No such subscription", "Ingen sådan prenumeration", "Geen abonnement gevonden";
        unknown: "This customer has no subscription of that ID that your company sold or manages.",
            "Kunden har ingen prenumeration med det id:t som ert företag har sålt eller hanterar.",
            "Deze klant heeft geen abonnement met die id dat uw bedrijf heeft verkocht of beheert.";

        history: "Resellers of record", "Återförsäljare genom tiden", "Gekoppelde resellers";
        history_none: "No reseller was ever associated with this subscription.",
            "Ingen återförsäljare har någonsin knutits till prenumerationen.",
            "Er is nog nooit een reseller aan dit abonnement gekoppeld.";
        history_none_own: "Your company was never reseller of record of this subscription.",
            "Ert företag har aldrig varit knutet till prenumerationen som återförsäljare.",
            "Uw bedrijf is nooit als reseller aan dit abonnement gekoppeld geweest.";
        who: "Who", "Vem", "Wie";
        from: "From", "Från", "Van";
        to: "To", "Till", "Tot";
        now: "now", "nu", "nu";
        paused: "suspended", "pausad", "onderbroken";

        order_title: "Add a subscription", "Lägg till en prenumeration", "Abonnement toevoegen";
        order_lead: "{company} gets it, and the order is placed, as soon as you send this form.",
            "{company} får den, och beställningen läggs, så snart ni skickar formuläret.",
            "{company} krijgt het, en de bestelling wordt geplaatst, zodra u dit formulier verstuurt.";
        order_parent_hint: "Only for add-ons: the subscription that it is added to.",
            "Bara för tillägg: prenumerationen som det läggs till.",
            "Alleen voor add-ons: het abonnement waaraan het wordt toegevoegd.";
        order_no_parent: "Nothing: it stands by itself", "Inget: den är fristående", "Niets: het staat op zichzelf";
        order: "Place the order", "Lägg beställningen", "Bestelling plaatsen";
        order_stale: "An order was placed for this customer after you opened this form, perhaps by sending it twice. Look at the list of subscriptions; if you want one more, send the form again.",
            "En beställning har lagts för kunden sedan ni öppnade formuläret, kanske för att det skickades två gånger. Titta på listan över prenumerationer; vill ni ha en till, skicka formuläret igen.",
            "Er is een bestelling voor deze klant geplaatst nadat u dit formulier opende, misschien doordat het twee keer is verstuurd. Bekijk de lijst met abonnementen; wilt u er nog een, verstuur het formulier dan opnieuw.";
    }
}

texts! {
    /// The report of incentives.
    pub struct IncentiveTexts {
        title: "Incentives", "Incitament", "Incentives";
        lead_provider: "For how many licences, on how many days, your resellers were of record of subscriptions that you sold. A day counts once it is over (UTC).",
            "För hur många licenser och dagar era återförsäljare har varit knutna till prenumerationer som ni har sålt. En dag räknas när den är över (UTC).",
            "Voor hoeveel licenties en op hoeveel dagen uw resellers waren gekoppeld aan abonnementen die u hebt verkocht. Een dag telt zodra die voorbij is (UTC).";
        lead_reseller: "For how many licences, on how many days, your company was reseller of record. A day counts once it is over (UTC).",
            "För hur många licenser och dagar ert företag har varit knutet som återförsäljare. En dag räknas när den är över (UTC).",
            "Voor hoeveel licenties en op hoeveel dagen uw bedrijf als reseller was gekoppeld. Een dag telt zodra die voorbij is (UTC).";
        from: "From", "Från och med", "Van";
        to: "To and including", "Till och med", "Tot en met";
        reseller: "Reseller", "Återförsäljare", "Reseller";
        provider: "Provider", "Leverantör", "Provider";
        all: "All", "Alla", "Alle";
        show: "Show", "Visa", "Tonen";
        offer: "Offer", "Erbjudande", "Aanbieding";
        mpn_id: "MPN ID", "MPN-id", "MPN-id";
        eligible: "Eligible licence-days", "Incitamentsgrundande licensdagar", "Licentiedagen met incentive";
        other: "Not eligible", "Ej incitamentsgrundande", "Zonder incentive";
        total: "Total", "Summa", "Totaal";
        total_of: "Total of {name}", "Summa för {name}", "Totaal van {name}";
        caption: "Licence-days from {from} to {to}", "Licensdagar från {from} till {to}", "Licentiedagen van {from} tot en met {to}";
        none: "Nothing is credited for these days. Put a reseller's MPN ID on a subscription, and its days count from then on.",
            "Inget tillgodoräknas för dessa dagar. Ange en återförsäljare (MPN-id) på en prenumeration, så räknas dagarna från och med då.",
            "Voor deze dagen is er niets toegekend. Koppel een reseller (MPN-id) aan een abonnement; vanaf dan tellen de dagen.";
        none_reseller: "Nothing is credited for these days. The provider that sells a subscription puts your MPN ID on it, and its days count from then on.",
            "Inget tillgodoräknas för dessa dagar. Leverantören som säljer en prenumeration anger ert MPN-id på den, så räknas dagarna från och med då.",
            "Voor deze dagen is er niets toegekend. De provider die een abonnement verkoopt, zet uw MPN-id erop; vanaf dan tellen de dagen.";
        download: "Download as CSV", "Hämta som CSV", "Downloaden als CSV";
        more: "These are the first {shown} of {count} lines. The file holds all of them.",
            "Detta är de första {shown} av {count} rader. Filen innehåller alla.",
            "Dit zijn de eerste {shown} van {count} regels. Het bestand bevat ze allemaal.";
        date_wrong: "Write a day such as 2026-11-21.", "Skriv en dag som 2026-11-21.", "Schrijf een dag zoals 2026-11-21.";
        reversed: "This day lies after the last one. Swap them.", "Dagen ligger efter den sista. Byt plats på dem.", "Deze dag ligt na de laatste. Draai ze om.";
        too_long: "This is more than ten years. Ask for a shorter time.", "Det är mer än tio år. Välj en kortare tid.", "Dit is meer dan tien jaar. Kies een kortere periode.";
    }
}
