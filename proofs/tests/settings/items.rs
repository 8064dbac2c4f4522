//! A preview names the product items that would change, and no others.

use super::current;
use app::settings::PREVIEWED;
use domain::product::subject;
use domain::product_settings::Products;
use domain::settings::Settings;
use domain::time::Span;
use proofs::{Life, Scene, Setup};
use std::collections::BTreeSet;
use twins::effect;

fn changed(settings: &Settings, change: impl FnOnce(&mut Products)) -> Settings {
    let mut new = settings.clone();
    change(new.products.as_mut().expect("the flow is on"));
    new
}

async fn named(life: &Life, proposed: &Settings) -> BTreeSet<String> {
    let preview = life.rig.engine.preview(proposed, PREVIEWED).await.expect("a preview");
    assert!(preview.items.looked_at >= 38 && !preview.items.more, "{:?}", preview.items);
    assert!(preview.items.changes.iter().all(|one| !one.lines.is_empty()));
    preview.items.changes.into_iter().map(|one| one.subject).collect()
}

#[tokio::test]
async fn product_items_that_would_change_are_named_and_no_others() {
    let scene = Scene::new(Setup::new(47, 0).skus(40)).await;
    let life = scene.start().await;
    let (store, world) = (life.store.clone(), scene.world.clone());
    // The feed is read and everything is planned; nothing is left to do.
    life.run(Span::days(2)).await.expect("a quiet end");
    let made = || world.twins.ledger().of(effect::PRODUCT_CREATED).count();
    let before = made();
    let settings = (*life.rig.engine.settings()).clone();
    assert_eq!(named(&life, &settings).await, BTreeSet::new(), "nothing differs");
    let truth = world.twins.truth().products;
    let held = |cause: &str| -> BTreeSet<String> {
        let of = truth.iter().filter(|one| one.held.as_deref() == Some(cause));
        of.map(|one| subject(&one.item)).collect()
    };
    // Its weight is said in "stone"; another item waits for another unit.
    let unknown = BTreeSet::from([subject("P00015")]);
    assert!(held("measure-unit-unknown").is_superset(&unknown), "the table of the twins changed");
    // Another sign between the parts of a SKU: items with variants, and two that no longer clash.
    let joined =
        named(&life, &changed(&settings, |products| products.separator = "_".to_owned())).await;
    let clash = held("sku-clash");
    let several = truth
        .iter()
        .filter(|one| truth.iter().filter(|other| other.item == one.item).count() > 1)
        .map(|one| subject(&one.item));
    let mut wanted: BTreeSet<String> = several.chain(clash).collect();
    assert!(wanted.len() >= 3, "{wanted:?}");
    // Items with colours and sizes that both systems know.
    wanted.extend(["CAP20", "TS100"].map(subject));
    assert_eq!(joined, wanted);
    // A symbol is explained: the item that waited for it.
    let explained =
        changed(&settings, |p| _ = p.symbols.insert("stone".to_owned(), "lb".to_owned()));
    assert_eq!(named(&life, &explained).await, unknown);
    assert_eq!(current(&store).await.version, 1, "a preview changes nothing");
    assert_eq!(made(), before, "a preview makes nothing");
    life.stop().await;
}
