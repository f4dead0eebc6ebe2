//! What the pages say about the subscriptions of a new customer.

use crate::texts;

texts! {
    /// The step of subscriptions, and what the review says of them.
    pub struct DraftLineTexts {
        title: "New subscription", "Ny prenumeration", "Nieuw abonnement";
        lead: "Choose what {company} gets. Leave this empty to sell nothing yet. Nothing is ordered before you have reviewed it and submitted.",
            "Välj vad {company} får. Lämna det tomt för att inte sälja något än. Inget beställs förrän ni har granskat det och skickat in.",
            "Kies wat {company} krijgt. Laat dit leeg om nog niets te verkopen. Er wordt niets besteld voordat u het hebt gecontroleerd en ingediend.";
        number: "Subscription {number}", "Prenumeration {number}", "Abonnement {number}";
        offer: "Offer", "Erbjudande", "Aanbieding";
        choose: "Choose an offer", "Välj ett erbjudande", "Kies een aanbieding";
        option: "{name} ({minimum}–{maximum})", "{name} ({minimum}–{maximum})", "{name} ({minimum}–{maximum})";
        no_offers: "Nothing is sold in this customer's country. The operator imports the catalogue of offers.",
            "Inget säljs i kundens land. Operatören importerar katalogen med erbjudanden.",
            "In het land van de klant wordt niets verkocht. De operator importeert de catalogus met aanbiedingen.";
        quantity: "Number of licences", "Antal licenser", "Aantal licenties";
        name: "Name of the subscription", "Prenumerationens namn", "Naam van het abonnement";
        name_hint: "Optional; otherwise that of the offer.", "Valfritt; annars erbjudandets.", "Optioneel; anders die van de aanbieding.";
        term: "Term", "Löptid", "Looptijd";
        cycle: "Charged", "Debiteras", "Facturering";
        usual: "As usual for the offer", "Som är vanligt för erbjudandet", "Zoals gebruikelijk voor de aanbieding";
        month: "1 month", "1 månad", "1 maand";
        year: "1 year", "1 år", "1 jaar";
        three_years: "3 years", "3 år", "3 jaar";
        monthly: "Monthly", "Varje månad", "Maandelijks";
        annual: "Yearly", "Varje år", "Jaarlijks";
        triennial: "Every three years", "Vart tredje år", "Elke drie jaar";
        one_time: "Once", "En gång", "Eenmalig";
        not_charged: "Not charged", "Debiteras inte", "Niet gefactureerd";
        reseller: "Reseller (MPN ID)", "Återförsäljare (MPN-id)", "Reseller (MPN-id)";
        reseller_hint: "Manages this subscription and is credited for incentives where the offer earns them. It does not become the reseller of the customer by that.",
            "Hanterar prenumerationen och får incitament där erbjudandet ger dem. Den blir inte kundens återförsäljare genom det.",
            "Beheert dit abonnement en krijgt incentives als de aanbieding die oplevert. Deze wordt daarmee niet de reseller van de klant.";
        no_reseller: "None: nobody is credited", "Ingen: ingen får incitament", "Geen: niemand krijgt incentives";
        parent: "Added to", "Läggs till", "Toegevoegd aan";
        parent_hint: "This offer is an add-on.", "Erbjudandet är ett tillägg.", "Deze aanbieding is een add-on.";
        add: "Add another subscription", "Lägg till en prenumeration", "Nog een abonnement toevoegen";
        remove: "Remove subscription {number}", "Ta bort prenumeration {number}", "Abonnement {number} verwijderen";
        next: "Next: Review", "Nästa: Granska", "Volgende: Controleren";
        back: "Back to the details", "Tillbaka till uppgifterna", "Terug naar de gegevens";

        quantity_wrong: "Write a whole number such as 25.", "Skriv ett heltal, till exempel 25.", "Schrijf een geheel getal, bijvoorbeeld 25.";
        quantity_limits: "{offer} is sold in {minimum} to {maximum} licences.",
            "{offer} säljs med {minimum} till {maximum} licenser.",
            "{offer} wordt verkocht met {minimum} tot {maximum} licenties.";
        offer_gone: "This offer is not sold any more, or does not exist. Choose another.",
            "Erbjudandet säljs inte längre, eller finns inte. Välj ett annat.",
            "Deze aanbieding wordt niet meer verkocht, of bestaat niet. Kies een andere.";
        offer_abroad: "This offer is not sold in the customer's country. Choose another.",
            "Erbjudandet säljs inte i kundens land. Välj ett annat.",
            "Deze aanbieding wordt niet verkocht in het land van de klant. Kies een andere.";
        term_wrong: "This offer is sold for: {terms}.", "Erbjudandet säljs för: {terms}.", "Deze aanbieding wordt verkocht voor: {terms}.";
        cycle_wrong: "This offer is charged: {cycles}.", "Erbjudandet debiteras: {cycles}.", "Deze aanbieding wordt gefactureerd: {cycles}.";
        parent_wrong: "This offer is an add-on. Choose the subscription that it is added to: {offers}.",
            "Erbjudandet är ett tillägg. Välj prenumerationen det läggs till: {offers}.",
            "Deze aanbieding is een add-on. Kies het abonnement waaraan deze wordt toegevoegd: {offers}.";
        parent_surplus: "This offer is no add-on, so it is added to nothing.",
            "Erbjudandet är inget tillägg, så det läggs inte till något.",
            "Deze aanbieding is geen add-on en wordt dus nergens aan toegevoegd.";
        reseller_unapproved: "The enrolment of this reseller is not approved. Choose another, or none.",
            "Återförsäljarens registrering är inte godkänd. Välj en annan, eller ingen.",
            "De inschrijving van deze reseller is niet goedgekeurd. Kies een andere, of geen.";
        agreement_first: "Nothing is sold to a customer before it is confirmed that it accepted the Microsoft Customer Agreement. Remove the subscriptions, submit the customer, confirm its agreement, and order then.",
            "Inget säljs till en kund innan det är bekräftat att den har godkänt Microsoft Customer Agreement. Ta bort prenumerationerna, skicka in kunden, bekräfta avtalet och beställ sedan.",
            "Er wordt niets aan een klant verkocht voordat is bevestigd dat die de Microsoft Customer Agreement heeft aanvaard. Verwijder de abonnementen, dien de klant in, bevestig de overeenkomst en bestel daarna.";
        in_line: "Subscription {number}: {sentence}", "Prenumeration {number}: {sentence}", "Abonnement {number}: {sentence}";

        customer_part: "Reseller of the customer", "Kundens återförsäljare", "Reseller van de klant";
        part: "Subscriptions", "Prenumerationer", "Abonnementen";
        none: "None: nothing is sold yet.", "Inga: inget säljs än.", "Geen: er wordt nog niets verkocht.";
        of_record: "{name} (MPN ID {mpn}) is associated with this subscription: it manages it and is credited for incentives.",
            "{name} (MPN-id {mpn}) knyts till prenumerationen: den hanterar den och får incitament.",
            "{name} (MPN-id {mpn}) wordt aan dit abonnement gekoppeld: deze beheert het en krijgt incentives.";
        of_record_unpaid: "{name} (MPN ID {mpn}) is associated with this subscription: it manages it. The offer earns no incentives.",
            "{name} (MPN-id {mpn}) knyts till prenumerationen: den hanterar den. Erbjudandet ger inga incitament.",
            "{name} (MPN-id {mpn}) wordt aan dit abonnement gekoppeld: deze beheert het. De aanbieding levert geen incentives op.";
        of_record_nobody: "No reseller is associated with this subscription.",
            "Ingen återförsäljare knyts till prenumerationen.",
            "Er wordt geen reseller aan dit abonnement gekoppeld.";
        change: "Change subscriptions", "Ändra prenumerationer", "Abonnementen wijzigen";
        ordered_one: "One subscription was ordered.", "En prenumeration är beställd.", "Er is één abonnement besteld.";
        ordered: "{count} subscriptions were ordered.", "{count} prenumerationer är beställda.", "Er zijn {count} abonnementen besteld.";
    }
}
