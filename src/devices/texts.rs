//! What people read about devices: the note to a device's user, mails about release requests.

use crate::texts;

texts! {
    /// The note to the user of a device that is ready.
    pub struct UserNoteTexts {
        subject: "Your new device from {customer}",
            "Din nya enhet från {customer}",
            "Je nieuwe apparaat van {customer}";
        text: "Hello,\n\nYour new device is ready for you: {device}, serial number {serial}.\n\n1. Plug it in and switch it on.\n2. Choose your language, your region and your keyboard, and connect it to a network.\n3. When it greets you in the name of {customer}, sign in as {user} with your password at work.\n\nThe device then sets itself up. That can take a while; leave it switched on and connected until it is done.",
            "Hej!\n\nDin nya enhet är klar för dig: {device}, serienummer {serial}.\n\n1. Anslut den till ström och slå på den.\n2. Välj språk, region och tangentbord, och anslut den till ett nätverk.\n3. När den hälsar dig välkommen till {customer} loggar du in som {user} med ditt lösenord på jobbet.\n\nSedan ställer enheten in sig själv. Det kan ta en stund; låt den vara på och ansluten tills den är klar.",
            "Hallo,\n\nJe nieuwe apparaat staat voor je klaar: {device}, serienummer {serial}.\n\n1. Sluit het aan op het lichtnet en zet het aan.\n2. Kies je taal, je regio en je toetsenbord, en maak verbinding met een netwerk.\n3. Als het je namens {customer} begroet, meld je dan aan als {user} met je wachtwoord van het werk.\n\nHet apparaat stelt zichzelf daarna in. Dat kan even duren; laat het aan staan en verbonden tot het klaar is.";
    }
}

texts! {
    /// Mails about release requests.
    pub struct ReleaseMailTexts {
        greeting: "Hello {name},", "Hej {name}!", "Hallo {name},";
        why: "You get this because you chose to be told of release requests, or because it is about something you did. You can change that in your account.",
            "Du får detta för att du valt att få veta om begäranden om frisläppning, eller för att det gäller något du gjort. Du kan ändra det i ditt konto.",
            "Je krijgt dit omdat je over vrijgaveverzoeken op de hoogte wilt blijven, of omdat het gaat over iets wat jij hebt gedaan. Je kunt dat in je account wijzigen.";
        asked_subject: "{customer} is asked to release a device",
            "{customer} ombeds släppa en enhet",
            "{customer} wordt gevraagd een apparaat vrij te geven";
        asked: "Another organization wants to register a device that is registered to {customer}: {device}, serial number {serial}. If {customer} has it no more, release it: it is then deregistered. If {customer} still uses it, decline. Answer in the list of release requests of {customer}. Without an answer nothing changes.",
            "En annan organisation vill registrera en enhet som är registrerad för {customer}: {device}, serienummer {serial}. Om {customer} inte längre har den: släpp den, så avregistreras den. Om {customer} fortfarande använder den: avböj. Svara i listan över begäranden om frisläppning för {customer}. Utan svar ändras ingenting.",
            "Een andere organisatie wil een apparaat registreren dat voor {customer} is geregistreerd: {device}, serienummer {serial}. Heeft {customer} het niet meer, geef het dan vrij: de registratie vervalt. Gebruikt {customer} het nog, wijs het verzoek dan af. Antwoord in de lijst met vrijgaveverzoeken van {customer}. Zonder antwoord verandert er niets.";
        released_subject: "A device was released for {customer}",
            "En enhet har släppts för {customer}",
            "Een apparaat is vrijgegeven voor {customer}";
        released: "The device that you asked for is free: {device}, serial number {serial}. Retry its row in the registration of {customer}.",
            "Enheten som du bad om är fri: {device}, serienummer {serial}. Försök igen med dess rad i registreringen för {customer}.",
            "Het apparaat waar je om vroeg is vrij: {device}, serienummer {serial}. Probeer de regel ervan in de registratie van {customer} opnieuw.";
        declined_subject: "A device was not released for {customer}",
            "En enhet har inte släppts för {customer}",
            "Een apparaat is niet vrijgegeven voor {customer}";
        declined: "Whoever holds the device that you asked for keeps it: {device}, serial number {serial}. Ask the supplier of the device how it came to be registered elsewhere.",
            "Den som har enheten som du bad om behåller den: {device}, serienummer {serial}. Fråga enhetens leverantör hur den kom att registreras någon annanstans.",
            "Wie het apparaat heeft waar je om vroeg, houdt het: {device}, serienummer {serial}. Vraag de leverancier van het apparaat hoe het elders geregistreerd kon raken.";
    }
}
