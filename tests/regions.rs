//! Both sides of a partnership are of one region.

use partner_center::app::App;
use partner_center::config::Settings;
use partner_center::platform::clock::Clock;
use partner_center::platform::installation::Purpose;

use crate::harness::{Centre, nothing};

#[actix_web::test]
async fn a_reseller_of_another_region_cannot_accept_and_one_of_the_same_can() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let abroad = centre.reseller_in("US", &operator, "overseas", "6009999").await;
    let swiss = centre.reseller_in("CH", &operator, "alpine", "6008888").await;
    // The invitation says nothing of it: whoever reads it may be of any country.
    let token = centre.invite(&provider, "purchasing@overseas.example").await;
    let accept = format!("/v1/invitations/{token}/accept");
    let refused = abroad.post(&accept, nothing()).await;
    assert_eq!(refused.refusal(), "409 regionsDiffer");
    assert_eq!(refused.body["parameters"]["providerCountry"], "SE");
    assert_eq!(refused.body["parameters"]["resellerCountry"], "US");
    assert!(refused.sentence().contains("SE") && refused.sentence().contains("US"), "{}", refused.sentence());
    // Nothing was spent: whoever is of the region uses the same link.
    assert_eq!(swiss.post(&accept, nothing()).await.status, 201);
    assert_eq!(centre.event_kinds().iter().filter(|kind| *kind == "partnership_accepted").count(), 1);
}

#[actix_web::test]
async fn the_table_of_regions_can_be_replaced() {
    let file = std::env::temp_dir().join(format!("pc-regions-{}.csv", uuid::Uuid::now_v7()));
    std::fs::write(&file, "country,region\nUS,WEST\nSE,WEST\n").unwrap();
    let centre = Centre::open_with(|settings| settings.companies.regions_file = Some(file.clone())).await;
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let american = centre.reseller_in("US", &operator, "overseas", "6009999").await;
    let swiss = centre.reseller_in("CH", &operator, "alpine", "6008888").await;
    centre.partner(&provider, &american).await;
    let token = centre.invite(&provider, "purchasing@alpine.example").await;
    let refused = swiss.post(&format!("/v1/invitations/{token}/accept"), nothing()).await;
    assert_eq!(refused.refusal(), "409 regionsDiffer");

    std::fs::write(&file, "country,region\nSweden,EU\n").unwrap();
    let folder = std::env::temp_dir().join(format!("pc-regions-{}", uuid::Uuid::now_v7()));
    let mut settings = Settings::default().with_data_folder(&folder);
    settings.companies.regions_file = Some(file.clone());
    let told = App::new(settings, centre.db().clone(), Clock::system(), Purpose::Service).map(|_| ()).unwrap_err();
    let told = told.to_string();
    assert!(told.contains("companies.regions_file = ") && told.contains("line 2"), "{told}");
    std::fs::remove_file(&file).unwrap();
}
