//! What the mail and the page behind its link say, and how setup info is shown.

use crate::texts;

texts! {
    /// Setup info: the mail, the page that reveals it, and what it looks like.
    pub struct SetupInfoTexts {
        mail_subject: "Setup info for {company}", "Startuppgifter för {company}", "Startgegevens voor {company}";
        mail_greeting: "Hello {name},", "Hej {name},", "Hallo {name},";
        mail_reason: "{partner} has set up {company} at {base} and hands its first admin account over to you. This link shows the user name and a temporary password:",
            "{partner} har lagt upp {company} på {base} och överlämnar dess första administratörskonto till dig. Länken visar användarnamnet och ett tillfälligt lösenord:",
            "{partner} heeft {company} ingericht op {base} en draagt het eerste beheerdersaccount aan u over. Deze link toont de gebruikersnaam en een tijdelijk wachtwoord:";
        mail_once: "The link works once, until {until}. Open it where you can write the password down or sign in at once. Do not pass it on: whoever opens it first gets the account.",
            "Länken fungerar en gång, till {until}. Öppna den där du kan anteckna lösenordet eller logga in direkt. Skicka den inte vidare: den som öppnar den först får kontot.",
            "De link werkt één keer, tot {until}. Open hem waar u het wachtwoord kunt noteren of direct kunt aanmelden. Stuur hem niet door: wie hem als eerste opent, krijgt het account.";
        mail_unexpected: "Used already, expired or lost? {partner} can send a new one; that kills this link and whatever it showed. If you did not expect this mail, do not open the link and tell {partner}.",
            "Redan använd, för gammal eller borttappad? {partner} kan skicka en ny; den gör länken och det som den visade ogiltiga. Om du inte väntade på mejlet, öppna inte länken utan säg till {partner}.",
            "Al gebruikt, verlopen of kwijt? {partner} kan een nieuwe sturen; die maakt deze link en wat hij toonde ongeldig. Verwachtte u deze e-mail niet, open de link dan niet en waarschuw {partner}.";

        title: "Setup info for {company}", "Startuppgifter för {company}", "Startgegevens voor {company}";
        lead: "{partner} has set up {company} here. Its first admin account is handed over to one person, once.",
            "{partner} har lagt upp {company} här. Det första administratörskontot överlämnas till en person, en gång.",
            "{partner} heeft {company} hier ingericht. Het eerste beheerdersaccount wordt aan één persoon overgedragen, één keer.";
        meant_for: "Sent to", "Skickad till", "Verzonden aan";
        account: "Account", "Konto", "Account";
        open_until: "Link works until", "Länken gäller till", "Link werkt tot";
        reveal_warning: "The next page shows the user name and a temporary password, this one time only. The link is used up by it. Go on when you can write them down or sign in at once.",
            "Nästa sida visar användarnamnet och ett tillfälligt lösenord, bara den här gången. Länken är därefter förbrukad. Fortsätt när du kan anteckna dem eller logga in direkt.",
            "De volgende pagina toont de gebruikersnaam en een tijdelijk wachtwoord, alleen deze keer. De link is daarna verbruikt. Ga verder wanneer u ze kunt noteren of direct kunt aanmelden.";
        reveal: "Show the setup info", "Visa startuppgifterna", "Startgegevens tonen";
        dead_title: "This link shows nothing", "Länken visar ingenting", "Deze link toont niets";
        dead_text: "It was used already, has expired, or another one took its place. Nobody can see again what it showed. Ask the partner who set up your organisation for a new one.",
            "Den är redan använd, för gammal eller ersatt av en annan. Ingen kan se igen vad den visade. Be partnern som lade upp er organisation om en ny.",
            "Hij is al gebruikt, verlopen of door een andere vervangen. Niemand kan nog zien wat hij toonde. Vraag de partner die uw organisatie heeft ingericht om een nieuwe.";

        heading: "Setup info", "Startuppgifter", "Startgegevens";
        user_name: "User name", "Användarnamn", "Gebruikersnaam";
        password: "Temporary password", "Tillfälligt lösenord", "Tijdelijk wachtwoord";
        shown_once: "Write it down now: this password is shown this one time only. Nobody can read it again, not even the operator. If it is lost, it has to be reset.",
            "Anteckna det nu: lösenordet visas bara den här gången. Ingen kan läsa det igen, inte ens operatören. Om det tappas bort måste det återställas.",
            "Noteer het nu: dit wachtwoord wordt alleen deze keer getoond. Niemand kan het nog lezen, ook de beheerder van dit centrum niet. Raakt het kwijt, dan moet het opnieuw worden ingesteld.";
        good_until: "It can be used until {until}, for one sign-in, which asks for a new password.",
            "Det kan användas till {until}, för en inloggning, som ber om ett nytt lösenord.",
            "Het kan tot {until} worden gebruikt, voor één aanmelding, waarbij een nieuw wachtwoord wordt gevraagd.";
        sign_in_at: "Sign in at", "Logga in på", "Aanmelden op";
        copy_name: "Copy user name", "Kopiera användarnamnet", "Gebruikersnaam kopiëren";
        copy_password: "Copy password", "Kopiera lösenordet", "Wachtwoord kopiëren";
        copied: "Copied.", "Kopierat.", "Gekopieerd.";
        mailed: "A link was mailed to {name} ({email}). It reveals the user name and a temporary password once, until {until}. Until then nobody can sign in to the account, and nobody but {name} is meant to know the password.",
            "En länk har mejlats till {name} ({email}). Den visar användarnamnet och ett tillfälligt lösenord en gång, till {until}. Till dess kan ingen logga in på kontot, och ingen annan än {name} ska känna till lösenordet.",
            "Er is een link gemaild aan {name} ({email}). Die toont de gebruikersnaam en een tijdelijk wachtwoord één keer, tot {until}. Tot dan kan niemand zich op het account aanmelden, en alleen {name} hoort het wachtwoord te kennen.";
    }
}
