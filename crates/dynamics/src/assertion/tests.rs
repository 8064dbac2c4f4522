use super::*;

mod known_to_all;

use known_to_all::{CERTIFICATE, pem};

const NOW: Timestamp = crate::testing::NOW;

fn claims(jwt: &str, part: usize) -> serde_json::Value {
    let bytes = URL_SAFE_NO_PAD.decode(jwt.split('.').nth(part).unwrap()).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

#[test]
fn a_statement_names_us_the_address_and_the_certificate_and_is_signed_with_its_key() {
    let certificate = Certificate::from_pem(&pem()).unwrap();
    let jwt = certificate.assertion("app", "https://login/t", NOW, 1).unwrap();
    let (head, body) = (claims(&jwt, 0), claims(&jwt, 1));
    assert_eq!(
        (&head["alg"], &head["x5t#S256"]),
        (&json!("RS256"), &json!(certificate.thumbprint()))
    );
    assert_eq!(
        (&body["iss"], &body["sub"], &body["aud"]),
        (&json!("app"), &json!("app"), &json!("https://login/t"))
    );
    assert_eq!(body["exp"].as_i64().unwrap(), (NOW + LIFE).0 / 1_000_000);
    let (signed, signature) = jwt.rsplit_once('.').unwrap();
    let der = base64::engine::general_purpose::STANDARD.decode(CERTIFICATE.concat()).unwrap();
    let der = CertificateDer::from(der);
    let known = webpki::EndEntityCert::try_from(&der).unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let algorithm = webpki::ring::RSA_PKCS1_2048_8192_SHA256;
    assert!(known.verify_signature(algorithm, signed.as_bytes(), &signature).is_ok());
}

#[test]
fn no_two_statements_have_the_same_id() {
    let certificate = Certificate::from_pem(&pem()).unwrap();
    let id =
        |now, nth| claims(&certificate.assertion("app", "u", now, nth).unwrap(), 1)["jti"].clone();
    assert_ne!(id(NOW, 1), id(NOW, 2));
    assert_ne!(id(NOW, 1), id(NOW + Span(1), 1));
}

#[test]
fn a_file_that_cannot_be_used_says_what_it_lacks() {
    let whole = pem();
    let (certificate, key) = whole.split_at(whole.find("-----BEGIN PRIVATE").unwrap());
    let why = |text: &str| Certificate::from_pem(text).err().unwrap();
    assert_eq!(why(""), CertificateError::NoCertificate);
    assert_eq!(why(key), CertificateError::NoCertificate);
    assert_eq!(why(certificate), CertificateError::NoKey);
    assert_eq!(why(&whole.replace("MII", "AII")), CertificateError::WrongKey);
}
