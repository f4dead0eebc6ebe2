//! Texts of the mails about delegated administration.

use crate::texts;

texts! {
    /// Mails to customers about who administers them, and to partners about what became of what they asked for.
    pub struct AdministrationMailTexts {
        greeting: "Hello {name},", "Hej {name}!", "Hallo {name},";
        why: "You get this because you are responsible for {customer} here.",
            "Ni får detta för att ni ansvarar för {customer} här.",
            "U krijgt dit omdat u hier verantwoordelijk bent voor {customer}.";
        look_lead: "See who can administer your organisation, and end it at once if you do not want it:",
            "Se vem som kan administrera er organisation, och avsluta det genast om ni inte vill ha det:",
            "Bekijk wie uw organisatie kan beheren, en beëindig het meteen als u dat niet wilt:";
        look_button: "Who can administer us", "Vem kan administrera oss", "Wie kan ons beheren";
        answer_lead: "Look at what is asked, then approve or decline:",
            "Se vad som begärs, och godkänn eller avböj sedan:",
            "Bekijk wat er gevraagd wordt, en keur het goed of wijs het af:";
        answer_button: "Look at the request", "Visa begäran", "Verzoek bekijken";
        asked_subject: "{partner} asks to administer {customer}",
            "{partner} vill administrera {customer}",
            "{partner} vraagt om {customer} te beheren";
        asked: "{partner} asks for delegated administration of {customer}, called \"{name}\", in these roles: {roles}. The request lapses on {until}. Without your answer nothing changes.",
            "{partner} ber om delegerad administration av {customer}, kallad \"{name}\", med dessa roller: {roles}. Begäran upphör {until}. Utan ert svar ändras ingenting.",
            "{partner} vraagt om gedelegeerd beheer van {customer}, \"{name}\" genoemd, met deze rollen: {roles}. Het verzoek vervalt op {until}. Zonder uw antwoord verandert er niets.";
        granted_subject: "{partner} can now administer {customer}",
            "{partner} kan nu administrera {customer}",
            "{partner} kan nu {customer} beheren";
        granted: "{partner} now has full delegated administration of {customer}, until somebody ends it.",
            "{partner} har nu full delegerad administration av {customer}, tills någon avslutar den.",
            "{partner} heeft nu volledig gedelegeerd beheer van {customer}, totdat iemand het beëindigt.";
        approved_subject: "{partner} can now administer {customer}",
            "{partner} kan nu administrera {customer}",
            "{partner} kan nu {customer} beheren";
        approved: "\"{name}\" was approved: {partner} has delegated administration of {customer} until {until}, in these roles: {roles}.",
            "\"{name}\" har godkänts: {partner} har delegerad administration av {customer} till {until}, med dessa roller: {roles}.",
            "\"{name}\" is goedgekeurd: {partner} heeft gedelegeerd beheer van {customer} tot {until}, met deze rollen: {roles}.";
        roles_subject: "{partner} has fewer roles at {customer}",
            "{partner} har färre roller hos {customer}",
            "{partner} heeft minder rollen bij {customer}";
        roles: "Global Administrator was taken out of \"{name}\", by which {partner} administers {customer}. These roles are left: {roles}.",
            "Global Administrator har tagits bort ur \"{name}\", genom vilken {partner} administrerar {customer}. Dessa roller är kvar: {roles}.",
            "Global Administrator is uit \"{name}\" gehaald, waarmee {partner} {customer} beheert. Deze rollen blijven over: {roles}.";
        ending_subject: "{partner}'s administration of {customer} ends soon",
            "{partner}s administration av {customer} upphör snart",
            "Het beheer van {customer} door {partner} eindigt binnenkort";
        ending: "\"{name}\", by which {partner} administers {customer}, ends on {until}. If you want it to go on, {partner} asks you anew.",
            "\"{name}\", genom vilken {partner} administrerar {customer}, upphör {until}. Vill ni att det fortsätter ber {partner} er på nytt.",
            "\"{name}\", waarmee {partner} {customer} beheert, eindigt op {until}. Wilt u dat het doorgaat, dan vraagt {partner} het u opnieuw.";
        extending_subject: "{partner}'s administration of {customer} will be extended soon",
            "{partner}s administration av {customer} förlängs snart",
            "Het beheer van {customer} door {partner} wordt binnenkort verlengd";
        extending: "\"{name}\", by which {partner} administers {customer}, is extended by 180 days on {until}, as agreed. End it before then if you do not want that.",
            "\"{name}\", genom vilken {partner} administrerar {customer}, förlängs med 180 dagar {until}, som avtalat. Avsluta den innan dess om ni inte vill det.",
            "\"{name}\", waarmee {partner} {customer} beheert, wordt op {until} met 180 dagen verlengd, zoals afgesproken. Beëindig het eerder als u dat niet wilt.";
        extended_subject: "{partner}'s administration of {customer} was extended",
            "{partner}s administration av {customer} har förlängts",
            "Het beheer van {customer} door {partner} is verlengd";
        extended: "\"{name}\", by which {partner} administers {customer}, was extended as agreed and now lasts until {until}.",
            "\"{name}\", genom vilken {partner} administrerar {customer}, har förlängts som avtalat och gäller nu till {until}.",
            "\"{name}\", waarmee {partner} {customer} beheert, is zoals afgesproken verlengd en duurt nu tot {until}.";
        expired_subject: "{partner}'s administration of {customer} has ended",
            "{partner}s administration av {customer} har upphört",
            "Het beheer van {customer} door {partner} is afgelopen";
        expired: "The time of \"{name}\", by which {partner} administered {customer}, was over on {until}.",
            "Tiden för \"{name}\", genom vilken {partner} administrerade {customer}, gick ut {until}.",
            "De tijd van \"{name}\", waarmee {partner} {customer} beheerde, was op {until} voorbij.";
        ended_subject: "{partner}'s administration of {customer} was ended",
            "{partner}s administration av {customer} har avslutats",
            "Het beheer van {customer} door {partner} is beëindigd";
        ended: "Delegated administration of {customer} by {partner} was ended by hand on {until}. What you buy through {partner} goes on.",
            "{partner}s delegerade administration av {customer} avslutades för hand {until}. Det ni köper genom {partner} fortsätter.",
            "Het gedelegeerd beheer van {customer} door {partner} is op {until} handmatig beëindigd. Wat u via {partner} koopt, loopt door.";
        relationship_subject: "{partner} no longer works with {customer}",
            "{partner} arbetar inte längre med {customer}",
            "{partner} werkt niet langer met {customer}";
        relationship: "{partner} ended its relationship with {customer} on {until}. It can neither sell to you nor administer anything any more.",
            "{partner} avslutade sin relation med {customer} {until}. Den kan varken sälja till er eller administrera något längre.",
            "{partner} heeft de relatie met {customer} op {until} beëindigd. De partner kan u niets meer verkopen en niets meer beheren.";
        owner_subject: "{partner} is tenant owner of {customer}'s directory",
            "{partner} är klientorganisationsägare i {customer}s katalog",
            "{partner} is tenanteigenaar van de directory van {customer}";
        owner: "{partner} was given tenant owner permission on the directory of {customer}. It opens no devices.",
            "{partner} har fått behörighet som klientorganisationsägare i {customer}s katalog. Den öppnar inga enheter.",
            "{partner} heeft de machtiging tenanteigenaar op de directory van {customer} gekregen. Die opent geen apparaten.";
        owner_ended_subject: "{partner} is no longer tenant owner of {customer}'s directory",
            "{partner} är inte längre klientorganisationsägare i {customer}s katalog",
            "{partner} is niet langer tenanteigenaar van de directory van {customer}";
        owner_ended: "Tenant owner permission of {partner} on the directory of {customer} was ended on {until}.",
            "{partner}s behörighet som klientorganisationsägare i {customer}s katalog avslutades {until}.",
            "De machtiging tenanteigenaar van {partner} op de directory van {customer} is op {until} beëindigd.";
        news_why: "You get this because you asked for it, or because you chose to be told of all delegated administration.",
            "Du får detta för att du bad om den, eller för att du valt att få veta allt om delegerad administration.",
            "U krijgt dit omdat u erom vroeg, of omdat u koos voor bericht over al het gedelegeerd beheer.";
        news_approved_subject: "{customer} approved \"{name}\"",
            "{customer} har godkänt \"{name}\"",
            "{customer} heeft \"{name}\" goedgekeurd";
        news_approved: "{customer} approved \"{name}\". It lasts until {until}. Assign its roles to your groups: until then nobody of your company holds them.",
            "{customer} har godkänt \"{name}\". Den gäller till {until}. Tilldela rollerna till era grupper: innan dess har ingen hos er dem.",
            "{customer} heeft \"{name}\" goedgekeurd. Het duurt tot {until}. Wijs de rollen toe aan uw groepen: tot dan heeft niemand bij u ze.";
        news_declined_subject: "{customer} declined \"{name}\"",
            "{customer} har avböjt \"{name}\"",
            "{customer} heeft \"{name}\" afgewezen";
        news_declined: "{customer} declined \"{name}\". Nothing has changed.",
            "{customer} har avböjt \"{name}\". Ingenting har ändrats.",
            "{customer} heeft \"{name}\" afgewezen. Er is niets veranderd.";
        news_ending_subject: "\"{name}\" with {customer} ends soon",
            "\"{name}\" med {customer} upphör snart",
            "\"{name}\" met {customer} eindigt binnenkort";
        news_ending: "\"{name}\", by which you administer {customer}, ends on {until}. If it is to go on, ask {customer} for a new one now.",
            "\"{name}\", genom vilken ni administrerar {customer}, upphör {until}. Ska det fortsätta, be {customer} om en ny nu.",
            "\"{name}\", waarmee u {customer} beheert, eindigt op {until}. Moet het doorgaan, vraag {customer} dan nu om een nieuwe.";
        news_extending_subject: "\"{name}\" with {customer} will be extended soon",
            "\"{name}\" med {customer} förlängs snart",
            "\"{name}\" met {customer} wordt binnenkort verlengd";
        news_extending: "\"{name}\", by which you administer {customer}, is extended by 180 days on {until}. Nothing is to be done.",
            "\"{name}\", genom vilken ni administrerar {customer}, förlängs med 180 dagar {until}. Ingenting behöver göras.",
            "\"{name}\", waarmee u {customer} beheert, wordt op {until} met 180 dagen verlengd. U hoeft niets te doen.";
        news_expired_subject: "\"{name}\" with {customer} has ended",
            "\"{name}\" med {customer} har upphört",
            "\"{name}\" met {customer} is afgelopen";
        news_expired: "The time of \"{name}\" was over on {until}: by it you cannot administer {customer} any more.",
            "Tiden för \"{name}\" gick ut {until}: genom den kan ni inte längre administrera {customer}.",
            "De tijd van \"{name}\" was op {until} voorbij: daarmee kunt u {customer} niet meer beheren.";
        news_ended_subject: "{customer} ended your delegated administration",
            "{customer} har avslutat er delegerade administration",
            "{customer} heeft uw gedelegeerd beheer beëindigd";
        news_ended: "{customer} ended delegated administration that you had, at once. Your relationship with {customer} stays.",
            "{customer} har avslutat delegerad administration som ni hade, med omedelbar verkan. Er relation med {customer} finns kvar.",
            "{customer} heeft gedelegeerd beheer dat u had meteen beëindigd. Uw relatie met {customer} blijft.";
    }
}
