//! A browser as a person uses it, through the WebDriver protocol of chromedriver.

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine;
use serde_json::{Value, json};

/// Under which name WebDriver gives the reference of an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
const WIDE: u32 = 1_200;
const NARROW: u32 = 360;

pub struct Driver {
    child: Child,
    agent: ureq::Agent,
    session: String,
    pictures: Option<PathBuf>,
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.agent.delete(&self.session).call();
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Driver {
    /// The browser that the environment names.
    pub fn start(profile: &Path) -> Self {
        #[expect(clippy::disallowed_methods, reason = "the script that brings the browser says where it is")]
        let from_outside = |name: &str| std::env::var(name);
        let browser = from_outside("TEST_BROWSER").expect("run this by `make test-browser`");
        let driver = from_outside("TEST_BROWSER_DRIVER").expect("run this by `make test-browser`");
        let pictures = from_outside("TEST_PICTURES").ok().map(PathBuf::from);
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = Command::new(driver);
        let child = command.arg(format!("--port={port}")).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let patience = Instant::now() + Duration::from_secs(60);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < patience, "chromedriver did not start");
            std::thread::park_timeout(Duration::from_millis(20));
        }
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(120)))
            .build();
        let session = format!("http://127.0.0.1:{port}/session");
        let mut driver = Self { child, agent: config.into(), session, pictures };
        let profile = format!("--user-data-dir={}", profile.display());
        let arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", &profile];
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "goog:loggingPrefs": { "browser": "ALL" },
            "goog:chromeOptions": { "binary": browser, "args": arguments },
        } } });
        let session = driver.say("", &wanted)["sessionId"].as_str().unwrap().to_owned();
        driver.session = format!("{}/{session}", driver.session);
        driver
    }

    fn say(&self, path: &str, body: &Value) -> Value {
        let mut answer = self.agent.post(format!("{}{path}", self.session)).send_json(body).unwrap();
        let value = answer.body_mut().read_json::<Value>().unwrap()["value"].take();
        assert!(value["error"].is_null(), "{path}: {value}");
        value
    }

    fn element(&self, css: &str) -> String {
        let found = self.say("/element", &json!({ "using": "css selector", "value": css }));
        format!("/element/{}", found[ELEMENT].as_str().unwrap())
    }

    pub fn open(&self, address: &str) {
        self.say("/url", &json!({ "url": address }));
    }

    pub fn type_into(&self, css: &str, text: &str) {
        self.say(&format!("{}/value", self.element(css)), &json!({ "text": text }));
    }

    /// Clicks, and waits until the page that comes of it is there.
    pub fn click(&self, css: &str) {
        self.script("window.stillHere = true");
        self.say(&format!("{}/click", self.element(css)), &json!({}));
        let patience = Instant::now() + Duration::from_secs(60);
        while self.script("return window.stillHere === true || document.readyState !== 'complete'") == true {
            assert!(Instant::now() < patience, "nothing came of clicking {css}: {:?}", self.complaints());
            std::thread::park_timeout(Duration::from_millis(20));
        }
    }

    pub fn script(&self, script: &str) -> Value {
        self.say("/execute/sync", &json!({ "script": script, "args": [] }))
    }

    pub fn text(&self, css: &str) -> String {
        self.script(&format!("return document.querySelector({}).innerText", json!(css))).as_str().unwrap().to_owned()
    }

    pub fn path(&self) -> String {
        self.script("return location.pathname").as_str().unwrap().to_owned()
    }

    /// What the browser wrote to its console since it was asked last.
    pub fn complaints(&self) -> Vec<String> {
        let entries = self.say("/se/log", &json!({ "type": "browser" }));
        let entries = entries.as_array().cloned().unwrap_or_default();
        entries.iter().map(|entry| entry["message"].as_str().unwrap_or_default().to_owned()).collect()
    }

    fn devtools(&self, command: &str, parameters: &Value) -> Value {
        self.say("/goog/cdp/execute", &json!({ "cmd": command, "params": parameters }))
    }

    /// Looks at the page in two widths, light and dark: nothing is wider than the window. Keeps pictures if told where.
    pub fn look(&self, name: &str) {
        for width in [WIDE, NARROW] {
            for scheme in ["light", "dark"] {
                let size = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width == NARROW });
                self.devtools("Emulation.setDeviceMetricsOverride", &size);
                // Without movement: a picture must not show colours on their way.
                let features = json!({ "features": [
                    { "name": "prefers-color-scheme", "value": scheme },
                    { "name": "prefers-reduced-motion", "value": "reduce" },
                ] });
                self.devtools("Emulation.setEmulatedMedia", &features);
                let needed = self.script("return document.documentElement.scrollWidth").as_u64().unwrap();
                assert!(needed <= u64::from(width), "{name} at {width} px needs {needed} px");
                if let Some(folder) = &self.pictures {
                    let picture = self.devtools("Page.captureScreenshot", &json!({ "captureBeyondViewport": true }));
                    let bytes = base64::engine::general_purpose::STANDARD.decode(picture["data"].as_str().unwrap());
                    std::fs::write(folder.join(format!("{name}-{width}-{scheme}.png")), bytes.unwrap()).unwrap();
                }
            }
        }
        self.devtools("Emulation.clearDeviceMetricsOverride", &json!({}));
    }
}
