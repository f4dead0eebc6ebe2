//! The guide beside the upload, its templates and its scripts.

use diesel::connection::SimpleConnection;
use diesel::sql_types::Text;
use diesel::{Connection, QueryableByName, RunQueryDsl, SqliteConnection};
use serde_json::Value;

use crate::harness::Centre;

fn titles(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|item| item["title"].as_str().unwrap()).collect()
}

#[actix_web::test]
async fn the_guide_has_five_steps_and_every_way_in_the_language_that_is_asked_for() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let guide = provider.get("/v1/devices/guide").await.ok();
    assert_eq!(
        titles(&guide["steps"]),
        [
            "Obtain the hardware hash",
            "Merge the files",
            "Register the devices",
            "Check the image",
            "Deliver the device"
        ]
    );
    let ways: Vec<_> = guide["ways"].as_array().unwrap().iter().map(|way| way["name"].as_str().unwrap()).collect();
    assert_eq!(ways, ["oem_file", "powershell", "flash_drive", "configuration_manager", "active_directory"]);
    assert_eq!(guide["devicesInUse"].as_array().unwrap().len(), 3);

    let swedish = provider.get("/v1/devices/guide?language=sv").await;
    assert_eq!(swedish.header("content-language"), "sv");
    assert_eq!(titles(&swedish.ok()["steps"])[4], "Leverera enheten");
    let headers = [("accept-language", "nl-BE, en;q=0.5")];
    let dutch = provider.with("GET", "/v1/devices/guide", &headers, Value::Null).await.ok();
    assert_eq!((dutch["language"].as_str().unwrap(), titles(&dutch["steps"])[1]), ("nl", "De bestanden samenvoegen"));
    let unknown = provider.get("/v1/devices/guide?language=tlh").await;
    assert_eq!(unknown.status, 400, "{}", unknown.text);
}

#[actix_web::test]
async fn everything_the_guide_names_can_be_downloaded() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let guide = provider.get("/v1/devices/guide").await.ok();
    let lists = ["steps", "ways"].map(|part| guide[part].as_array().unwrap().clone()).concat();
    let mut addresses: Vec<_> = lists.iter().flat_map(|item| item["downloads"].as_array().unwrap().clone()).collect();
    addresses.extend(guide["formats"].as_array().unwrap().iter().map(|format| format["template"].clone()));
    addresses.sort_by_key(Value::to_string);
    addresses.dedup();
    assert_eq!(addresses.len(), 6);
    for address in addresses {
        let address = address.as_str().unwrap();
        let file = provider.get(address).await;
        assert_eq!(file.status, 200, "{address}");
        let name = address.rsplit('/').next().unwrap();
        assert_eq!(file.header("content-disposition"), format!("attachment; filename=\"{name}\""));
    }
}

#[actix_web::test]
async fn templates_are_the_guaranteed_headings_and_one_sample_row() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let partner = provider.get("/v1/devices/templates/partner.csv").await;
    assert_eq!(partner.text, "Manufacturer,Model,Serial Number\r\nSpiralOrbit,ContosoABC,000000000000\r\n");
    assert_eq!(partner.header("content-type"), "text/csv; charset=utf-8");
    let customer = provider.get("/v1/devices/templates/customer.csv").await;
    assert_eq!(
        customer.text,
        "Manufacturer,Model,Serial Number,Hardware Hash\r\n\
         SpiralOrbit,ContosoABC,000000000000,dGhpc2RldmljZWlzYW5tbWRkZXZpY2U\r\n"
    );
    for unknown in ["/v1/devices/templates/supplier.csv", "/v1/devices/scripts/partner.csv"] {
        assert_eq!(provider.get(unknown).await.refusal(), "404 guideFileUnknown");
    }
}

#[actix_web::test]
async fn the_query_gives_the_customers_heading_and_only_devices_with_a_hash() {
    #[derive(QueryableByName)]
    struct Device {
        #[diesel(sql_type = Text, column_name = "Manufacturer")]
        manufacturer: String,
        #[diesel(sql_type = Text, column_name = "Model")]
        model: String,
        #[diesel(sql_type = Text, column_name = "Serial Number")]
        serial_number: String,
        #[diesel(sql_type = Text, column_name = "Hardware Hash")]
        hardware_hash: String,
    }

    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let query = provider.get("/v1/devices/scripts/configuration-manager.sql").await.text;
    let mut connection = SqliteConnection::establish(":memory:").unwrap();
    connection
        .batch_execute(
            "CREATE TABLE v_GS_COMPUTER_SYSTEM (ResourceID, Manufacturer0, Model0, Name0);
             CREATE TABLE v_GS_PC_BIOS (ResourceID, SerialNumber0, Manufacturer0);
             CREATE TABLE v_GS_MDM_DEVDETAIL_EXT01 (ResourceID, InstanceID0, DeviceHardwareData0);
             INSERT INTO v_GS_COMPUTER_SYSTEM VALUES (1, 'Fabrikam', 'Falcon', 'PC-1'), (2, 'Fabrikam', 'Eagle', 'PC-2'),
                 (3, 'Fabrikam', 'Hawk', 'PC-3'), (4, 'Fabrikam', 'Kite', 'PC-4');
             INSERT INTO v_GS_PC_BIOS VALUES (1, 'FK1', 'Firmware'), (2, 'FK2', 'Firmware'), (3, 'FK3', 'Firmware'),
                 (4, 'FK4', 'Firmware');
             INSERT INTO v_GS_MDM_DEVDETAIL_EXT01 VALUES (1, 'Ext', 'T0HA'), (2, 'Ext', 'T0HB'), (3, 'Ext', ''),
                 (4, 'Ext', NULL);",
        )
        .unwrap();
    let devices: Vec<Device> = diesel::sql_query(&query).load(&mut connection).unwrap();
    let rows = devices.iter().map(|device| {
        [&device.manufacturer, &device.model, &device.serial_number, &device.hardware_hash].map(String::as_str)
    });
    assert_eq!(rows.collect::<Vec<_>>(), [["Fabrikam", "Eagle", "FK2", "T0HB"], ["Fabrikam", "Falcon", "FK1", "T0HA"]]);
    let headings = "Manufacturer,Model,Serial Number,Hardware Hash"
        .split(',')
        .map(|heading| format!("[{heading}]"))
        .collect::<Vec<_>>();
    let positions = headings.iter().map(|heading| query.find(heading.as_str()).unwrap());
    assert!(positions.is_sorted());
}
