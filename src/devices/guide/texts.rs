//! What the guide says.

use crate::texts;

texts! {
    /// The five steps.
    pub struct StepTexts {
        obtain: "Obtain the hardware hash", "Skaffa maskinvaruhashen", "De hardwarehash verkrijgen";
        obtain_what: "A hardware hash is a sealed report of a device: its manufacturer, model and serial number, and the parts that make it unique. It is personal device data: keep the files where only those who register can read them.",
            "En maskinvaruhash är en förseglad rapport om en enhet: tillverkare, modell, serienummer och de delar som gör den unik. Den är personliga enhetsdata: förvara filerna där bara de som registrerar kan läsa dem.",
            "Een hardwarehash is een verzegeld rapport over een apparaat: fabrikant, model, serienummer en de onderdelen die het uniek maken. Het zijn persoonlijke apparaatgegevens: bewaar de bestanden waar alleen wie registreert ze kan lezen.";
        obtain_who: "A customer's own file needs the hash of every device. A partner's file may do without, if manufacturer, model and serial number are exactly as the firmware has them.",
            "I kundens egen fil krävs hashen för varje enhet. I en partners fil kan den saknas, om tillverkare, modell och serienummer är exakt som i den inbyggda programvaran.",
            "In het eigen bestand van een klant is de hash van elk apparaat nodig. In het bestand van een partner kan hij ontbreken, als fabrikant, model en serienummer precies zo zijn als in de firmware.";
        obtain_again: "After a repair with a new main board, capture the hash again: the old one is of a device that no longer exists.",
            "Läs av hashen på nytt efter en reparation med nytt moderkort: den gamla tillhör en enhet som inte längre finns.",
            "Leg de hash opnieuw vast na een reparatie met een nieuw moederbord: de oude hoort bij een apparaat dat niet meer bestaat.";
        obtain_off: "A device whose hash was captured before its setup stays switched off until it is registered.",
            "En enhet vars hash lästes av före installationen ska vara avstängd tills den är registrerad.",
            "Een apparaat waarvan de hash vóór de installatie is vastgelegd, blijft uitgeschakeld totdat het is geregistreerd.";
        merge: "Merge the files", "Slå ihop filerna", "De bestanden samenvoegen";
        merge_here: "Nothing to do if you upload all files at once: they become one registration, each is read by its own heading, and a device that is in two of them is reported.",
            "Inget behöver göras om ni laddar upp alla filer på en gång: de blir en registrering, var och en läses efter sin egen rubrikrad, och en enhet som finns i två av dem rapporteras.",
            "U hoeft niets te doen als u alle bestanden tegelijk uploadt: ze worden één registratie, elk bestand wordt volgens zijn eigen kopregel gelezen, en een apparaat dat in twee ervan staat, wordt gemeld.";
        merge_script: "Or merge files of one kind with a script. It keeps quotes, reads UTF-8 and UTF-16, writes UTF-8, and leaves its own output out when it is run again.",
            "Eller slå ihop filer av samma slag med ett skript. Det behåller citattecken, läser UTF-8 och UTF-16, skriver UTF-8 och hoppar över sin egen utdatafil när det körs igen.",
            "Of voeg bestanden van één soort samen met een script. Het behoudt aanhalingstekens, leest UTF-8 en UTF-16, schrijft UTF-8 en slaat zijn eigen uitvoer over als het opnieuw wordt uitgevoerd.";
        merge_powershell: "With PowerShell:", "Med PowerShell:", "Met PowerShell:";
        merge_python: "Without PowerShell, with Python 3:", "Utan PowerShell, med Python 3:", "Zonder PowerShell, met Python 3:";
        register: "Register the devices", "Registrera enheterna", "De apparaten registreren";
        register_where: "A partner opens Customers, the customer, Service Administration, Devices; a customer opens Devices. There choose + Register devices, the files, and Register devices.",
            "En partner öppnar Kunder, kunden, Tjänsteadministration, Enheter; en kund öppnar Enheter. Välj där + Registrera enheter, filerna och Registrera enheter.",
            "Een partner opent Klanten, de klant, Servicebeheer, Apparaten; een klant opent Apparaten. Kies daar + Apparaten registreren, de bestanden en Apparaten registreren.";
        register_heading: "Begin with a template, or with a file you were given: its heading is recognised. Work in a text editor. Spreadsheets turn serial numbers into numbers and lose leading zeros.",
            "Utgå från en mall, eller från en fil ni har fått: dess rubrikrad känns igen. Arbeta i en textredigerare. Kalkylprogram gör om serienummer till tal och tappar inledande nollor.",
            "Begin met een sjabloon, of met een bestand dat u hebt gekregen: de kopregel ervan wordt herkend. Werk in een teksteditor. Spreadsheetprogramma's maken van serienummers getallen en verliezen voorloopnullen.";
        register_sample: "Replace the sample row of the template. One cell of it left in refuses the whole registration, before anything is registered.",
            "Ersätt mallens exempelrad. En enda kvarlämnad exempelcell gör att hela registreringen avvisas, innan något har registrerats.",
            "Vervang de voorbeeldrij van het sjabloon. Als er één cel van blijft staan, wordt de hele registratie geweigerd, nog voordat er iets is geregistreerd.";
        register_exact: "Values are compared with the firmware's exactly, capitals and special characters included. Only blanks around a value are trimmed.",
            "Värden jämförs exakt med den inbyggda programvarans, även versaler och specialtecken. Bara blanksteg runt ett värde tas bort.",
            "Waarden worden exact vergeleken met die van de firmware, inclusief hoofdletters en speciale tekens. Alleen spaties rond een waarde worden verwijderd.";
        register_pending: "Rows are Registration pending at once and are settled in the background, typically in seconds. Leave the devices switched off until they are Ready for user.",
            "Raderna får genast tillståndet Registrering väntar och behandlas i bakgrunden, oftast på några sekunder. Låt enheterna vara avstängda tills de är Redo för användaren.",
            "Rijen krijgen meteen de status Registratie in behandeling en worden op de achtergrond verwerkt, meestal binnen enkele seconden. Laat de apparaten uitgeschakeld totdat ze Klaar voor gebruiker zijn.";
        check: "Check the image", "Kontrollera avbildningen", "De image controleren";
        check_supplier: "A device from a listed partner supplier should have the correct image.",
            "En enhet från en listad partnerleverantör ska ha rätt avbildning.",
            "Een apparaat van een vermelde partnerleverancier moet de juiste image hebben.";
        check_hand: "Otherwise check it by hand, and note who checked and when. The note blocks nothing: it is for whoever delivers the device.",
            "Kontrollera den annars för hand, och anteckna vem som kontrollerade och när. Anteckningen hindrar ingenting: den är till för den som levererar enheten.",
            "Controleer die anders met de hand, en noteer wie dat deed en wanneer. De notitie houdt niets tegen: ze is bedoeld voor wie het apparaat aflevert.";
        deliver: "Deliver the device", "Leverera enheten", "Het apparaat afleveren";
        deliver_licences: "Make sure that the licences its user needs are applied, and mark that beside Ready for user.",
            "Se till att användaren har de licenser som behövs, och markera det bredvid Redo för användaren.",
            "Zorg dat de licenties die de gebruiker nodig heeft zijn toegewezen, en markeer dat naast Klaar voor gebruiker.";
        deliver_user: "You can assign the user before the hand-over: on the page, for many at once, or with a column Assigned User in the file.",
            "Ni kan tilldela användaren före överlämningen: på sidan, för många på en gång, eller med en kolumn Assigned User i filen.",
            "U kunt de gebruiker vóór de overdracht toewijzen: op de pagina, voor veel apparaten tegelijk, of met een kolom Assigned User in het bestand.";
        deliver_note: "Hand it over with a note: switch it on, connect it to the internet, and sign in with the account of your organisation. Setup does the rest.",
            "Lämna över den med ett meddelande: slå på den, anslut den till internet och logga in med organisationens konto. Installationen sköter resten.",
            "Overhandig het met een bericht: zet het aan, verbind het met internet en meld u aan met het account van uw organisatie. De installatie doet de rest.";
    }
}

texts! {
    /// The ways to obtain hashes.
    pub struct WayTexts {
        oem: "The manufacturer's Autopilot file", "Tillverkarens Autopilot-fil", "Het Autopilot-bestand van de fabrikant";
        oem_lead: "The simplest way: whoever sold the devices can often send their hashes, and no device need be unpacked.",
            "Det enklaste sättet: den som sålde enheterna kan ofta skicka deras hashar, och ingen enhet behöver packas upp.",
            "De eenvoudigste manier: wie de apparaten verkocht, kan vaak hun hashes sturen, en geen apparaat hoeft te worden uitgepakt.";
        oem_needs: "Ask the device supplier for the Autopilot registration file of your order; have the order number or the serial numbers at hand.",
            "Be enhetsleverantören om Autopilot-registreringsfilen för er beställning; ha ordernumret eller serienumren till hands.",
            "Vraag de leverancier van de apparaten om het Autopilot-registratiebestand van uw bestelling; houd het ordernummer of de serienummers bij de hand.";
        oem_file: "A CSV file with Device Serial Number, Windows Product ID and Hardware Hash. Upload it as you got it; opening and saving it in a spreadsheet damages it.",
            "En CSV-fil med Device Serial Number, Windows Product ID och Hardware Hash. Ladda upp den som ni fick den; att öppna och spara den i ett kalkylprogram skadar den.",
            "Een CSV-bestand met Device Serial Number, Windows Product ID en Hardware Hash. Upload het zoals u het kreeg; openen en opslaan in een spreadsheetprogramma beschadigt het.";
        administrator: "An account that is administrator on the device.",
            "Ett konto som är administratör på enheten.",
            "Een account dat beheerder is op het apparaat.";
        windows: "Windows 10 version 1703 or later.", "Windows 10 version 1703 eller senare.", "Windows 10 versie 1703 of later.";
        script: "The script capture.ps1 from this guide, read before it is run.",
            "Skriptet capture.ps1 från den här guiden, läst innan det körs.",
            "Het script capture.ps1 uit deze handleiding, gelezen voordat het wordt uitgevoerd.";
        captured_file: "A UTF-8 file with the heading of the customers' format and one row for each device. Each run adds a row, so one file can serve many devices.",
            "En UTF-8-fil med rubrikraden för kundernas format och en rad för varje enhet. Varje körning lägger till en rad, så en fil räcker för många enheter.",
            "Een UTF-8-bestand met de kopregel van het klantformaat en één rij per apparaat. Elke uitvoering voegt een rij toe, dus één bestand volstaat voor veel apparaten.";
        powershell: "PowerShell on the device", "PowerShell på enheten", "PowerShell op het apparaat";
        powershell_lead: "For a device that is set up and at hand.", "För en enhet som är installerad och finns till hands.", "Voor een apparaat dat is ingesteld en bij de hand is.";
        powershell_run: "In a PowerShell window opened as administrator, in the folder of the script:",
            "I ett PowerShell-fönster öppnat som administratör, i skriptets mapp:",
            "In een PowerShell-venster dat als administrator is geopend, in de map van het script:";
        flash: "A flash drive, before setup", "Ett USB-minne, före installationen", "Een USB-stick, vóór de installatie";
        flash_lead: "For a device that has not been set up: its hash is captured while it shows the first page of setup.",
            "För en enhet som inte är installerad: hashen läses av medan den visar installationens första sida.",
            "Voor een apparaat dat nog niet is ingesteld: de hash wordt vastgelegd terwijl het de eerste pagina van de installatie toont.";
        flash_drive: "A flash drive with capture.ps1 on it.", "Ett USB-minne med capture.ps1.", "Een USB-stick met capture.ps1 erop.";
        flash_setup: "Nobody has begun the setup; if somebody has, reset or re-image the device first.",
            "Ingen har påbörjat installationen; annars ska enheten först återställas eller avbildas om.",
            "Niemand is met de installatie begonnen; is dat wel gebeurd, reset het apparaat dan of installeer eerst een nieuwe image.";
        flash_run: "Switch the device on, put the drive in, press Shift+F10, and type this, with the letter of the drive:",
            "Slå på enheten, sätt i USB-minnet, tryck Skift+F10 och skriv detta, med minnets enhetsbokstav:",
            "Zet het apparaat aan, plaats de stick, druk op Shift+F10 en typ dit, met de stationsletter van de stick:";
        flash_off: "Then shut the device down, take the drive out, and leave the device switched off until it is registered:",
            "Stäng sedan av enheten, ta ut USB-minnet och låt enheten vara avstängd tills den är registrerad:",
            "Sluit daarna het apparaat af, verwijder de stick en laat het apparaat uitgeschakeld totdat het is geregistreerd:";
        manager: "A Configuration Manager report", "En rapport från Configuration Manager", "Een rapport van Configuration Manager";
        manager_lead: "For many devices at once that Configuration Manager already knows.",
            "För många enheter på en gång som Configuration Manager redan känner till.",
            "Voor veel apparaten tegelijk die Configuration Manager al kent.";
        manager_client: "Devices with Windows 10 version 1703 or later and the Current Branch client.",
            "Enheter med Windows 10 version 1703 eller senare och klienten i Current Branch.",
            "Apparaten met Windows 10 versie 1703 of later en de Current Branch-client.";
        manager_reporting: "A reporting services point, with Reporting Services.",
            "En rapporttjänstplats, med Reporting Services.",
            "Een rapportageservicepunt, met Reporting Services.";
        manager_run: "In a report of your own, or on the site database, run this query and export its result as CSV:",
            "Kör den här frågan i en egen rapport, eller i platsdatabasen, och exportera resultatet som CSV:",
            "Voer deze query uit in een eigen rapport, of op de sitedatabase, en exporteer het resultaat als CSV:";
        manager_file: "A CSV file in the customers' format; Report Builder writes Serial_Number and Hardware_Hash, which is understood. Keep the rows of the devices you register, and delete what the report viewer puts above the heading.",
            "En CSV-fil i kundernas format; Report Builder skriver Serial_Number och Hardware_Hash, vilket förstås. Behåll raderna för de enheter ni registrerar, och ta bort det som rapportvisaren lägger ovanför rubrikraden.",
            "Een CSV-bestand in het klantformaat; Report Builder schrijft Serial_Number en Hardware_Hash, en dat wordt begrepen. Houd de rijen van de apparaten die u registreert, en verwijder wat de rapportviewer boven de kopregel zet.";
        directory: "Active Directory, over WinRM", "Active Directory, via WinRM", "Active Directory, via WinRM";
        directory_lead: "For devices in use that can be reached over the network: one computer asks all the others.",
            "För enheter i bruk som kan nås via nätverket: en dator frågar alla andra.",
            "Voor apparaten in gebruik die via het netwerk bereikbaar zijn: één computer vraagt het aan alle andere.";
        directory_on: "The devices are switched on and reachable, with WinRM enabled.",
            "Enheterna är på och kan nås, och WinRM är aktiverat.",
            "De apparaten staan aan en zijn bereikbaar, en WinRM is ingeschakeld.";
        directory_credential: "A credential that may run commands on them remotely.",
            "Autentiseringsuppgifter som får köra kommandon på dem på distans.",
            "Referenties waarmee op afstand opdrachten op die apparaten mogen worden uitgevoerd.";
        directory_firewall: "The exception for Windows Management Instrumentation (WMI) in their firewall.",
            "Undantaget för Windows Management Instrumentation (WMI) i deras brandvägg.",
            "De uitzondering voor Windows Management Instrumentation (WMI) in hun firewall.";
        directory_run: "In a PowerShell window opened as administrator, with the organisational unit of your devices:",
            "I ett PowerShell-fönster öppnat som administratör, med organisationsenheten för era enheter:",
            "In een PowerShell-venster dat als administrator is geopend, met de organisatie-eenheid van uw apparaten:";
    }
}

texts! {
    /// What devices in use need besides.
    pub struct PreparationTexts {
        directories: "Remove it from directories", "Ta bort den från kataloger", "Uit directory's verwijderen";
        directories_how: "Remove the device from every directory that knows it: Active Directory Domain Services and Azure Active Directory. It can take hours until that has arrived everywhere.",
            "Ta bort enheten från alla kataloger som känner till den: Active Directory Domain Services och Azure Active Directory. Det kan ta timmar innan det har slagit igenom överallt.",
            "Verwijder het apparaat uit elke directory die het kent: Active Directory Domain Services en Azure Active Directory. Het kan uren duren voordat dat overal is doorgevoerd.";
        services: "Remove it from management services", "Ta bort den från hanteringstjänster", "Uit beheerservices verwijderen";
        services_how: "Remove the device from Configuration Manager, Intune and Autopilot. That can take hours too; until then its registration may fail with Device claimed by another organization.",
            "Ta bort enheten från Configuration Manager, Intune och Autopilot. Även det kan ta timmar; till dess kan registreringen misslyckas med Device claimed by another organization.",
            "Verwijder het apparaat uit Configuration Manager, Intune en Autopilot. Ook dat kan uren duren; tot die tijd kan de registratie mislukken met Device claimed by another organization.";
        image: "Re-image it", "Avbilda om den", "Opnieuw voorzien van een image";
        image_how: "Registering itself wipes nothing. Save what is on the device, then re-image it, so that its user begins with a clean setup.",
            "Själva registreringen raderar ingenting. Spara det som finns på enheten och avbilda sedan om den, så att användaren börjar med en ren installation.",
            "De registratie zelf wist niets. Bewaar wat op het apparaat staat en voorzie het daarna opnieuw van een image, zodat de gebruiker met een schone installatie begint.";
    }
}

texts! {
    /// Findings that are likely with files of a way.
    pub struct ExpectedTexts {
        tuple_incomplete: "Rows without a hash need manufacturer and model as well; ask the supplier for the hash, or for the two.",
            "Rader utan hash behöver även tillverkare och modell; be leverantören om hashen, eller om dessa två.",
            "Rijen zonder hash hebben ook fabrikant en model nodig; vraag de leverancier om de hash, of om die twee.";
        serial_leading_zero: "Somebody saved the file in a spreadsheet; take the original.",
            "Någon har sparat filen i ett kalkylprogram; använd originalet.",
            "Iemand heeft het bestand in een spreadsheetprogramma opgeslagen; neem het origineel.";
        hash_truncated: "A program with short cells cut the hash; take the original, or capture again.",
            "Ett program med korta celler har kortat hashen; använd originalet, eller läs av på nytt.",
            "Een programma met korte cellen heeft de hash afgekapt; neem het origineel, of leg opnieuw vast.";
        hash_fields: "Virtual machines and old devices have no TPM: they can be registered, but not set up without a user.",
            "Virtuella datorer och gamla enheter saknar TPM: de kan registreras, men inte installeras utan användare.",
            "Virtuele machines en oude apparaten hebben geen TPM: ze kunnen worden geregistreerd, maar niet zonder gebruiker worden ingesteld.";
        serial_placeholder: "The firmware was delivered without a serial number; the manufacturer can put it in.",
            "Den inbyggda programvaran levererades utan serienummer; tillverkaren kan lägga in det.",
            "De firmware is zonder serienummer geleverd; de fabrikant kan het alsnog invullen.";
        dup_in_file: "The device was captured twice; it is registered once, and nothing need be done.",
            "Enheten lästes av två gånger; den registreras en gång, och inget behöver göras.",
            "Het apparaat is twee keer vastgelegd; het wordt één keer geregistreerd, en u hoeft niets te doen.";
        column_ignored: "The report has columns that are not needed; they do no harm.",
            "Rapporten har kolumner som inte behövs; de gör ingen skada.",
            "Het rapport heeft kolommen die niet nodig zijn; ze kunnen geen kwaad.";
        hash_serial_mismatch: "The inventory is older than a repair; let the device report again, or capture its hash on it.",
            "Inventeringen är äldre än en reparation; låt enheten rapportera igen, eller läs av hashen på den.",
            "De inventaris is ouder dan een reparatie; laat het apparaat opnieuw rapporteren, of leg de hash daarop vast.";
    }
}
