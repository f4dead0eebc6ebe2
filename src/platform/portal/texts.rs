//! Texts in the portal's languages, side by side, so that none can be forgotten.

/// Declares a struct of texts in English, Swedish and Dutch. A language that is missing, an empty text, or a
/// `{placeholder}` that is not in all three does not compile.
#[macro_export]
macro_rules! texts {
    ($(#[$doc:meta])* $vis:vis struct $name:ident {
        $($field:ident: $english:literal, $swedish:literal, $dutch:literal;)+
    }) => {
        $(#[$doc])*
        #[derive(Debug)]
        $vis struct $name {
            $(#[doc = $english] pub $field: &'static str,)+
        }

        impl $name {
            /// The texts in a language.
            pub fn of(language: $crate::platform::portal::Language) -> &'static Self {
                static ENGLISH: $name = $name { $($field: $english),+ };
                static SWEDISH: $name = $name { $($field: $swedish),+ };
                static DUTCH: $name = $name { $($field: $dutch),+ };
                match language {
                    $crate::platform::portal::Language::English => &ENGLISH,
                    $crate::platform::portal::Language::Swedish => &SWEDISH,
                    $crate::platform::portal::Language::Dutch => &DUTCH,
                }
            }
        }

        $(const _: () = assert!(
            $crate::platform::portal::has_same_placeholders($english, $swedish)
                && $crate::platform::portal::has_same_placeholders($english, $dutch),
            concat!("the three texts of ", stringify!($field), " have different {{placeholders}}, or one is empty"),
        );)+
    };
}

/// Whether two texts ask for the same values, and neither is empty.
pub const fn has_same_placeholders(one: &str, other: &str) -> bool {
    !one.is_empty() && !other.is_empty() && asks_for_no_more(one, other) && asks_for_no_more(other, one)
}

/// Whether every `{name}` of `text` is in `other`.
const fn asks_for_no_more(text: &str, other: &str) -> bool {
    let (text, other) = (text.as_bytes(), other.as_bytes());
    let mut start = 0;
    while start < text.len() {
        if text[start] == b'{' {
            let mut end = start;
            while end < text.len() && text[end] != b'}' {
                end += 1;
            }
            if end == text.len() || !holds(other, text, start, end) {
                return false;
            }
            start = end;
        }
        start += 1;
    }
    true
}

/// Whether `text[start..=end]` occurs in `other`.
const fn holds(other: &[u8], text: &[u8], start: usize, end: usize) -> bool {
    let length = end - start + 1;
    let mut place = 0;
    while place + length <= other.len() {
        let mut same = 0;
        while same < length && other[place + same] == text[start + same] {
            same += 1;
        }
        if same == length {
            return true;
        }
        place += 1;
    }
    false
}

/// A text with its `{name}`s replaced. What a value holds is never looked into.
pub fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(text.len() + 32);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let Some((name, behind)) = after.split_once('}') else { break };
        let value = values.iter().find(|(known, _)| *known == name);
        debug_assert!(value.is_some(), "no value for {{{name}}}");
        filled.push_str(value.map_or("", |(_, value)| value));
        rest = behind;
    }
    filled.push_str(rest);
    filled
}

texts! {
    /// What is on every page.
    pub struct PortalTexts {
        site_name: "Partner Center", "Partner Center", "Partner Center";
        skip_to_content: "Skip to the content", "Hoppa till innehållet", "Ga naar de inhoud";
        navigation: "Main navigation", "Huvudmeny", "Hoofdmenu";
        home: "Home", "Start", "Start";
        language: "Language", "Språk", "Taal";
        sign_in: "Sign in", "Logga in", "Aanmelden";
        account: "Your account", "Ditt konto", "Uw account";
        sign_out: "Sign out", "Logga ut", "Afmelden";
        signed_in_as: "Signed in as {name}", "Inloggad som {name}", "Aangemeld als {name}";
        footer: "A self-hosted partner centre for indirect providers, resellers and their customers.",
            "Ett partnercenter i egen drift för indirekta leverantörer, återförsäljare och deras kunder.",
            "Een partnercentrum in eigen beheer voor indirecte providers, resellers en hun klanten.";
        api: "REST API", "REST-API", "REST-API";
        back: "Back", "Tillbaka", "Terug";
        cancel: "Cancel", "Avbryt", "Annuleren";
        save: "Save", "Spara", "Opslaan";
        error: "Error", "Fel", "Fout";
        optional: "optional", "valfritt", "optioneel";

        failed_title: "That did not work", "Det gick inte", "Dat is niet gelukt";
        request_id: "Request id", "Begärans id", "Aanvraag-id";
        to_first_page: "To the first page", "Till startsidan", "Naar de startpagina";
        failed_unknown_path: "There is no such page. Check the address, or begin at the first page.",
            "Sidan finns inte. Kontrollera adressen eller börja på startsidan.",
            "Deze pagina bestaat niet. Controleer het adres of begin op de startpagina.";
        failed_internal: "Something broke on our side and nothing was changed. Give the request id below to the operator.",
            "Något gick sönder hos oss och inget ändrades. Ge begärans id nedan till operatören.",
            "Er ging bij ons iets stuk en er is niets gewijzigd. Geef de aanvraag-id hieronder aan de beheerder.";
        failed_unavailable: "The database did not answer in time. Nothing was changed; try again in a moment.",
            "Databasen svarade inte i tid. Inget ändrades; försök igen om en stund.",
            "De database antwoordde niet op tijd. Er is niets gewijzigd; probeer het zo opnieuw.";
        failed_form_forged:
            "This form is too old or came from another site. Go back, reload the page and send it again.",
            "Formuläret är för gammalt eller kom från en annan webbplats. Gå tillbaka, ladda om sidan och skicka det igen.",
            "Dit formulier is te oud of kwam van een andere site. Ga terug, laad de pagina opnieuw en verstuur het nog eens.";
        failed_too_many: "Too many calls. Try again in {seconds} seconds.",
            "För många anrop. Försök igen om {seconds} sekunder.",
            "Te veel aanroepen. Probeer het over {seconds} seconden opnieuw.";
        failed_too_large: "What was sent is too large. Shorten it and send it again.",
            "Det som skickades är för stort. Korta ner det och skicka det igen.",
            "Wat is verstuurd, is te groot. Kort het in en verstuur het opnieuw.";

        form_has_errors: "The form was not sent. Look at the fields marked below.",
            "Formuläret skickades inte. Se de markerade fälten nedan.",
            "Het formulier is niet verstuurd. Kijk naar de gemarkeerde velden hieronder.";
        field_empty: "This field must be filled in.", "Fältet måste fyllas i.", "Dit veld moet worden ingevuld.";
        field_too_long: "This has {length} characters; at most {limit} are allowed.",
            "Texten har {length} tecken; högst {limit} är tillåtna.",
            "Dit heeft {length} tekens; hoogstens {limit} zijn toegestaan.";
        field_control_characters: "This must be one line without control characters.",
            "Detta måste vara en rad utan styrtecken.",
            "Dit moet één regel zonder besturingstekens zijn.";
        field_email: "This is not an e-mail address such as anna@fabrikam.example.",
            "Detta är ingen e-postadress som anna@fabrikam.example.",
            "Dit is geen e-mailadres zoals anna@fabrikam.example.";
        field_country: "Choose a country from the list.", "Välj ett land i listan.", "Kies een land uit de lijst.";
        choose: "Choose …", "Välj …", "Kies …";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_go_into_their_places_and_are_not_looked_into() {
        assert_eq!(fill("{a} and {b}, {a}", &[("a", "{b}"), ("b", "<x>")]), "{b} and <x>, {b}");
        assert_eq!(fill("nothing", &[]), "nothing");
    }

    #[test]
    fn texts_that_ask_for_other_values_are_told_apart() {
        assert!(has_same_placeholders("a {x} {y}", "{y} b {x} {x}"));
        assert!(!has_same_placeholders("a {x}", "b"));
        assert!(!has_same_placeholders("a {x}", "b {xx}"));
        assert!(!has_same_placeholders("a {x", "b {x"));
        assert!(!has_same_placeholders("a", ""));
    }
}
