//! Texts of the pages and mails about accounts.

use crate::texts;

texts! {
    /// Signing in, one's own account, consent to an application.
    pub struct AccountTexts {
        sign_in_title: "Sign in", "Logga in", "Aanmelden";
        user_name: "User name", "Användarnamn", "Gebruikersnaam";
        user_name_hint: "Your e-mail address, or admin@ and your domain.",
            "Din e-postadress, eller admin@ och din domän.",
            "Uw e-mailadres, of admin@ en uw domein.";
        password: "Password", "Lösenord", "Wachtwoord";
        forgot: "Forgot your password?", "Glömt lösenordet?", "Wachtwoord vergeten?";
        enrol: "Enrol as indirect reseller", "Anslut som indirekt återförsäljare", "Registreren als indirecte reseller";
        refused: "The user name or the password is wrong.",
            "Användarnamnet eller lösenordet är fel.",
            "De gebruikersnaam of het wachtwoord klopt niet.";
        busy: "Too many sign-ins at this moment. Try again in a few seconds.",
            "För många inloggningar just nu. Försök igen om några sekunder.",
            "Te veel aanmeldingen op dit moment. Probeer het over enkele seconden opnieuw.";
        too_many: "Too many failed attempts. Wait {seconds} seconds, then try again.",
            "För många misslyckade försök. Vänta {seconds} sekunder och försök sedan igen.",
            "Te veel mislukte pogingen. Wacht {seconds} seconden en probeer het dan opnieuw.";
        signed_out: "You are signed out.", "Du är utloggad.", "U bent afgemeld.";

        code_title: "Your second factor", "Din andra faktor", "Uw tweede factor";
        code_lead: "Enter the six digits that your authenticator shows now, or one of your recovery codes.",
            "Ange de sex siffror som din autentiseringsapp visar nu, eller en av dina återställningskoder.",
            "Voer de zes cijfers in die uw authenticator nu toont, of een van uw herstelcodes.";
        code: "Code", "Kod", "Code";
        code_wrong: "The code is wrong, was used already, or is of another time. Wait for the next one and check your clock.",
            "Koden är fel, redan använd eller från en annan tid. Vänta på nästa och kontrollera klockan.",
            "De code klopt niet, is al gebruikt of hoort bij een ander tijdstip. Wacht op de volgende en controleer uw klok.";
        proceed: "Continue", "Fortsätt", "Doorgaan";

        new_password_title: "Choose a password of your own", "Välj ett eget lösenord", "Kies een eigen wachtwoord";
        new_password_lead: "Your temporary password has done its duty. Choose one that only you know.",
            "Det tillfälliga lösenordet har gjort sitt. Välj ett som bara du känner till.",
            "Uw tijdelijke wachtwoord heeft zijn werk gedaan. Kies er een dat alleen u kent.";
        new_password: "New password", "Nytt lösenord", "Nieuw wachtwoord";
        new_password_hint: "At least {least} characters. A sentence is easier to remember than signs.",
            "Minst {least} tecken. En mening är lättare att minnas än krångliga tecken.",
            "Minstens {least} tekens. Een zin is makkelijker te onthouden dan losse tekens.";
        password_length: "A password has {least} to {most} characters.",
            "Ett lösenord har {least} till {most} tecken.",
            "Een wachtwoord heeft {least} tot {most} tekens.";
        password_unchanged: "Choose another password than the present one.",
            "Välj ett annat lösenord än det nuvarande.",
            "Kies een ander wachtwoord dan het huidige.";

        activate_title: "Activate your account", "Aktivera ditt konto", "Uw account activeren";
        activate_lead: "Choose a password for {name}.", "Välj ett lösenord för {name}.", "Kies een wachtwoord voor {name}.";
        reset_title: "Reset your password", "Återställ ditt lösenord", "Uw wachtwoord herstellen";
        reset_lead: "Choose a new password for {name}. Everything that is signed in with the old one is signed out.",
            "Välj ett nytt lösenord för {name}. Allt som är inloggat med det gamla loggas ut.",
            "Kies een nieuw wachtwoord voor {name}. Alles wat met het oude is aangemeld, wordt afgemeld.";
        link_dead: "This link is not valid any more: it was used, replaced, or is too old.",
            "Länken gäller inte längre: den är använd, ersatt eller för gammal.",
            "Deze link is niet meer geldig: hij is gebruikt, vervangen of te oud.";
        link_dead_help: "Ask for a new one: whoever invited you can send it again, and a forgotten password can be reset at any time.",
            "Be om en ny: den som bjöd in dig kan skicka den igen, och ett glömt lösenord kan återställas när som helst.",
            "Vraag een nieuwe: wie u heeft uitgenodigd kan hem opnieuw sturen, en een vergeten wachtwoord kunt u altijd herstellen.";
        address_has_account: "There is already an account for {name}. Sign in with it instead.",
            "Det finns redan ett konto för {name}. Logga in med det i stället.",
            "Er is al een account voor {name}. Meld u daarmee aan.";
        forgot_lead: "We send a link to the mailbox of your account. If you are the admin of a customer, ask the partner who created your account.",
            "Vi skickar en länk till ditt kontos postlåda. Är du administratör hos en kund, be partnern som skapade ditt konto.",
            "We sturen een link naar de mailbox van uw account. Bent u beheerder van een klant, vraag het dan aan de partner die uw account heeft gemaakt.";
        forgot_send: "Send the link", "Skicka länken", "De link sturen";
        forgot_sent_title: "Look into your mailbox", "Titta i din postlåda", "Kijk in uw mailbox";
        forgot_sent: "If there is an account of that name with a mailbox, a link is on its way. It is good for an hour.",
            "Om det finns ett konto med det namnet och en postlåda är en länk på väg. Den gäller i en timme.",
            "Als er een account met die naam en een mailbox is, is er een link onderweg. Hij is een uur geldig.";

        factor_title: "Set up a second factor", "Ställ in en andra faktor", "Een tweede factor instellen";
        factor_lead: "Whoever acts for others proves it twice: with a password, and with a code from an authenticator.",
            "Den som agerar för andra bevisar det två gånger: med ett lösenord och med en kod från en autentiseringsapp.",
            "Wie namens anderen handelt, bewijst dat twee keer: met een wachtwoord en met een code van een authenticator.";
        factor_scan: "Scan this with an authenticator on your phone",
            "Skanna detta med en autentiseringsapp i telefonen",
            "Scan dit met een authenticator op uw telefoon";
        factor_scan_text: "Any app for one-time codes will do. If you cannot scan, type this secret:",
            "Vilken app för engångskoder som helst duger. Om du inte kan skanna, skriv in den här hemligheten:",
            "Elke app voor eenmalige codes is goed. Kunt u niet scannen, typ dan dit geheim:";
        factor_confirm: "Enter the code it shows", "Ange koden som visas", "Voer de code in die hij toont";
        factor_use: "Use this authenticator", "Använd den här appen", "Deze authenticator gebruiken";
        recovery_title: "Your recovery codes", "Dina återställningskoder", "Uw herstelcodes";
        recovery_lead: "Keep these where you would still find them without your phone. Each opens once. They are shown this one time only.",
            "Förvara dem där du hittar dem även utan telefonen. Var och en gäller en gång. De visas bara denna enda gång.",
            "Bewaar ze waar u ze ook zonder telefoon terugvindt. Elk werkt één keer. Ze worden alleen deze ene keer getoond.";
        recovery_kept: "I have kept them", "Jag har sparat dem", "Ik heb ze bewaard";

        account_title: "Your account", "Ditt konto", "Uw account";
        customers: "Customers", "Kunder", "Klanten";
        administration: "Administration", "Administration", "Beheer";
        administrators: "Who can administer us", "Vem kan administrera oss", "Wie kan ons beheren";
        subscriptions: "Subscriptions", "Prenumerationer", "Abonnementen";
        incentives: "Incentives", "Incitament", "Incentives";
        calendar: "Calendar", "Kalender", "Kalender";
        account_name: "Name", "Namn", "Naam";
        account_user_name: "User name", "Användarnamn", "Gebruikersnaam";
        account_company: "Organisation", "Organisation", "Organisatie";
        account_roles: "Roles", "Roller", "Rollen";
        account_factor: "Second factor", "Andra faktor", "Tweede factor";
        account_factor_set: "set up since {since}", "inställd sedan {since}", "ingesteld sinds {since}";
        account_factor_none: "not set up", "inte inställd", "niet ingesteld";
        account_factor_replace: "Set up another authenticator", "Ställ in en annan app", "Een andere authenticator instellen";
        account_password: "Change your password", "Byt lösenord", "Uw wachtwoord wijzigen";
        account_password_lead: "Afterwards every other browser and program that is signed in as you has to sign in again.",
            "Därefter måste alla andra webbläsare och program som är inloggade som du logga in igen.",
            "Daarna moet elke andere browser en elk ander programma dat als u is aangemeld, zich opnieuw aanmelden.";
        present_password: "Present password", "Nuvarande lösenord", "Huidig wachtwoord";
        present_password_wrong: "This is not your present password.",
            "Detta är inte ditt nuvarande lösenord.",
            "Dit is niet uw huidige wachtwoord.";
        password_changed: "Your password is changed.", "Ditt lösenord är bytt.", "Uw wachtwoord is gewijzigd.";

        kind_operator: "operator", "operatör", "beheerder";
        kind_provider: "indirect provider", "indirekt leverantör", "indirecte provider";
        kind_reseller: "indirect reseller", "indirekt återförsäljare", "indirecte reseller";
        kind_customer: "customer", "kund", "klant";

        consent_title: "Let {application} act for you?",
            "Låta {application} agera åt dig?",
            "{application} namens u laten handelen?";
        consent_title_built_in: "Let a program on your computer act for you?",
            "Låta ett program på din dator agera åt dig?",
            "Een programma op uw computer namens u laten handelen?";
        consent_text: "It will be able to do everything that you may do here, in your name, until you change your password or its secret is removed.",
            "Den kommer att kunna göra allt du får göra här, i ditt namn, tills du byter lösenord eller dess hemlighet tas bort.",
            "Het kan alles doen wat u hier mag, namens u, tot u uw wachtwoord wijzigt of het geheim wordt verwijderd.";
        consent_client: "Application", "Program", "Toepassing";
        consent_built_in: "A program on your own computer (the command line)",
            "Ett program på din egen dator (kommandoraden)",
            "Een programma op uw eigen computer (de opdrachtregel)";
        consent_goes_to: "The answer goes to", "Svaret går till", "Het antwoord gaat naar";
        consent_as: "You act as", "Du agerar som", "U handelt als";
        consent_started: "Go on only if you started this yourself just now.",
            "Fortsätt bara om du själv startade detta nyss.",
            "Ga alleen verder als u dit zojuist zelf bent begonnen.";
        consent_yes: "Allow", "Tillåt", "Toestaan";
        consent_no: "Do not allow", "Tillåt inte", "Niet toestaan";
        consent_form_title: "Back to the application", "Tillbaka till programmet", "Terug naar de toepassing";
        consent_form_text: "Your answer is ready. Continue to take it to the application.",
            "Ditt svar är klart. Fortsätt för att lämna det till programmet.",
            "Uw antwoord staat klaar. Ga verder om het naar de toepassing te brengen.";
        consent_gone: "This request is not open any more. Go back to the application and sign in again.",
            "Begäran är inte öppen längre. Gå tillbaka till programmet och logga in igen.",
            "Dit verzoek is niet meer open. Ga terug naar de toepassing en meld u opnieuw aan.";
        consent_unknown: "The application that sent you here is not known: its client_id is wrong, or it was removed.",
            "Programmet som skickade dig hit är okänt: dess client_id är fel eller så har det tagits bort.",
            "De toepassing die u hierheen stuurde is niet bekend: de client_id klopt niet of ze is verwijderd.";
        consent_redirect: "The application asked to be answered at an address it did not register (redirect_uri).",
            "Programmet bad om svar till en adress det inte har registrerat (redirect_uri).",
            "De toepassing vroeg om antwoord op een adres dat ze niet heeft geregistreerd (redirect_uri).";
        consent_other_company: "The application belongs to another company than your account.",
            "Programmet tillhör ett annat företag än ditt konto.",
            "De toepassing hoort bij een ander bedrijf dan uw account.";

        mail_greeting: "Hello {name},", "Hej {name},", "Hallo {name},";
        mail_activation_subject: "Activate your Partner Center account",
            "Aktivera ditt konto i Partner Center",
            "Activeer uw account in Partner Center";
        mail_activation_text: "an account was made for you ({name}) in the partner centre at {base}. Open this link and choose a password:",
            "ett konto har skapats åt dig ({name}) i partnercentret på {base}. Öppna länken och välj ett lösenord:",
            "er is een account voor u gemaakt ({name}) in het partnercentrum op {base}. Open deze link en kies een wachtwoord:";
        mail_activation_code: "The link is good until {expires}. Programs take the code by itself:",
            "Länken gäller till {expires}. Program tar emot enbart koden:",
            "De link is geldig tot {expires}. Programma's nemen alleen de code:";
        mail_activation_unexpected: "If you did not expect this, do nothing: without the link the account stays closed.",
            "Om du inte väntade dig detta, gör ingenting: utan länken förblir kontot stängt.",
            "Als u dit niet verwachtte, doe dan niets: zonder de link blijft het account gesloten.";
        mail_reset_subject: "Reset your Partner Center password",
            "Återställ ditt lösenord i Partner Center",
            "Herstel uw wachtwoord van Partner Center";
        mail_reset_text: "somebody, probably you, asked to reset the password of {name} in the partner centre at {base}. Open this link and choose a new one:",
            "någon, troligen du, bad om att återställa lösenordet för {name} i partnercentret på {base}. Öppna länken och välj ett nytt:",
            "iemand, waarschijnlijk u, vroeg om het wachtwoord van {name} in het partnercentrum op {base} te herstellen. Open deze link en kies een nieuw:";
        mail_reset_until: "The link is good until {expires}.", "Länken gäller till {expires}.", "De link is geldig tot {expires}.";
        mail_reset_unexpected: "If it was not you, do nothing: the password stays as it is.",
            "Om det inte var du, gör ingenting: lösenordet förblir som det är.",
            "Was u het niet, doe dan niets: het wachtwoord blijft zoals het is.";
    }
}
