//! A person of a provider creates a customer in the browser, copies its temporary password, and hands it over anew.

use crate::Demo;
use crate::driver::Driver;

#[test]
fn a_person_creates_a_customer_copies_its_password_and_mails_another_to_its_admin() {
    let demo = Demo::start();
    let at = |path: &str| format!("{}{path}", demo.base);
    let driver = Driver::start(&demo.folder.join("creating"));
    driver.open(&at("/sign-in?lang=en"));
    driver.type_into("#user_name", "nora@northwind.example");
    driver.type_into("#password", "demo-password-2026");
    driver.click("main button");
    driver.open(&at("/customers"));
    driver.script("document.querySelector('details.record').open = true");
    driver.look("customers");
    driver.click("main a.button");

    assert_eq!(driver.path(), "/customers/new");
    driver.look("customer-form");
    driver.type_into("#company", "Wingtip Toys AB");
    driver.type_into("#domain", "wingtip");
    driver.click("main form button");
    driver.look("customer-form-wrong");
    assert!(driver.text("#domain-error").contains("\"wingtip\" is no domain"));
    assert_eq!(driver.script("return document.querySelector('#company').value"), "Wingtip Toys AB");
    driver.type_into("#domain", ".onmicrosoft.com");
    driver.script("document.querySelector('#country').value = 'SE'");
    driver.type_into("#address1", "Storgatan 1");
    driver.type_into("#email", "billing@wingtip.example");
    driver.click("main form button");
    assert_eq!(driver.text("h1"), "New subscription");
    driver.look("subscriptions-empty");
    if driver.script("return document.querySelectorAll('#offer-0 option').length > 1") == true {
        driver.script("document.querySelector('#offer-0').selectedIndex = 1");
        driver.type_into("#quantity-0", "0");
        driver.click("button[value=add]");
        driver.script("document.querySelector('#offer-1').selectedIndex = 1");
        driver.type_into("#quantity-1", "25");
        driver.click("main form p button[value=next]");
        driver.look("subscriptions-wrong");
        driver.click("button[value=remove-0]");
        driver.look("subscriptions");
    }
    driver.click("main form p button[value=next]");
    assert_eq!(driver.text("h1"), "Review the new customer");
    driver.look("customer-review");
    driver.click("form[action$='/submit'] button");

    assert_eq!(driver.text("h1"), "Wingtip Toys AB is your customer now");
    driver.look("customer-created");
    let password = driver.text("#setup-password");
    assert_eq!(driver.script("return document.querySelector('[data-copy=setup-password]').hidden"), false);
    driver.script("document.querySelector('[data-copy=setup-password]').click()");
    driver.script("return new Promise(done => setTimeout(done, 300))");
    assert_eq!(driver.text("#setup-status"), "Copied.");
    driver.click("main .actions a.button.secondary");
    driver.script("document.querySelector('section details').open = true");
    driver.look("customer");
    driver.type_into("#to_name", "Anna Ek");
    driver.type_into("#to_email", "anna@wingtip.example");
    driver.click("button.danger");
    driver.look("customer-mailed");
    assert!(driver.text("main").contains("A link was mailed to Anna Ek") && !driver.text("main").contains(&password));
    // A form that was refused is one complaint, and the only one.
    let complaints = driver.complaints();
    assert!(complaints.iter().all(|complaint| complaint.contains("400")), "{complaints:?}");
}
