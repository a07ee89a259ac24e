//! A WACZ file (<https://specs.webrecorder.net/wacz/1.1.1/>): data files, their index, pages, and a manifest with the digest of
//! each, in one ZIP. It is written from its beginning to its end, and appears when it is whole.

use super::{
    Progress, Signer, WarcExported, WarcOptions, from_io,
    index::Blocks,
    pages,
    records::Records,
    steady::Steady,
    volumes::{Volumes, nth_name},
};
use crate::{
    export::{error::ExportError, folder::Part},
    store::{Sorter, Store, Wanted},
};
use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};
use zip::{CompressionMethod, DateTime, ZipWriter, write::SimpleFileOptions};

/// A data file of a WACZ is not larger than this without need, in bytes: servers and players have limits.
const DATA_BYTES: u64 = 1 << 30;

/// Bytes that are gathered before they are written.
const BUFFER_BYTES: usize = 256 << 10;

/// What made it.
pub(super) const SOFTWARE: &str = concat!("embalm ", env!("CARGO_PKG_VERSION"));

/// Writes a WACZ file, signed where there is a key.
///
/// # Errors
/// [`ExportError::Nothing`], or where the archive can't be read or the file can't be written.
pub fn wacz(
    store: &Store,
    wanted: &Wanted,
    path: &Path,
    options: &WarcOptions,
    signer: Option<&Signer>,
    progress: &mut Progress<'_>,
) -> Result<WarcExported, ExportError> {
    let outgoing = store.outgoing(wanted)?;
    let sorter = Sorter::new()?;
    let options = WarcOptions { split_bytes: Some(options.split_bytes.unwrap_or(DATA_BYTES)), ..options.clone() };
    let mut records = Records::begin(&outgoing, Package::create(path, options.now)?, Some(&sorter), &options)?;
    records.all(progress)?;
    let (mut package, mut exported) = records.end()?;
    package.index(&sorter)?;
    pages::articles(&outgoing, &mut package)?;
    pages::posts(&outgoing, &mut package)?;
    package.manifest(&options, &exported, signer)?;
    exported.bytes = package.keep()?;
    exported.files = vec![path.to_owned()];
    Ok(exported)
}

/// A ZIP being written.
pub(super) struct Package {
    path: PathBuf,
    zip: ZipWriter<Steady<BufWriter<Part>>>,
    at: DateTime,
    open: Option<Open>,
    resources: Vec<Value>,
    data_files: usize,
}

/// The file in it that is being written.
struct Open {
    path: String,
    bytes: u64,
    digest: Sha256,
}

impl Package {
    fn create(path: &Path, now: Timestamp) -> Result<Self, ExportError> {
        let zip = ZipWriter::new(Steady::new(BufWriter::with_capacity(BUFFER_BYTES, Part::create(path)?)));
        Ok(Self { path: path.to_owned(), zip, at: dos_time(now), open: None, resources: Vec::new(), data_files: 0 })
    }

    /// Begins a file. Data files and the index stand in it as they are, so that a player reads parts of them.
    pub(super) fn begin(&mut self, path: &str, is_packed: bool) -> Result<(), ExportError> {
        self.end();
        let method = if is_packed { CompressionMethod::Stored } else { CompressionMethod::Deflated };
        let options = SimpleFileOptions::default()
            .compression_method(method)
            .last_modified_time(self.at)
            .unix_permissions(0o644)
            .large_file(is_packed);
        self.zip.start_file(path, options).map_err(|error| self.failed(error.into()))?;
        self.open = Some(Open { path: path.to_owned(), bytes: 0, digest: Sha256::new() });
        Ok(())
    }

    /// Writes text into the file at hand.
    pub(super) fn text(&mut self, text: &str) -> Result<(), ExportError> {
        self.write_all(text.as_bytes()).map_err(|error| self.failed(error))
    }

    fn failed(&self, error: io::Error) -> ExportError {
        from_io(&self.path, error)
    }

    /// Notes the file at hand in the manifest.
    fn end(&mut self) {
        if let Some(Open { path, bytes, digest }) = self.open.take() {
            let name = path.rsplit('/').next().unwrap_or_default().to_lowercase();
            self.resources.push(json!({"name": name, "path": path, "hash": sha256(digest), "bytes": bytes}));
        }
    }

    fn index(&mut self, sorter: &Sorter) -> Result<(), ExportError> {
        const INDEX: &str = "index.cdx.gz";
        self.begin("indexes/index.cdx.gz", true)?;
        let mut blocks = Blocks::new(INDEX);
        sorter.each(|line| blocks.add(line, self).map_err(|error| from_io(Path::new(INDEX), error)))?;
        blocks.end(self).map_err(|error| from_io(Path::new(INDEX), error))?;
        self.begin("indexes/index.idx", false)?;
        self.text(&blocks.list)
    }

    /// `datapackage.json` and its digest.
    fn manifest(
        &mut self,
        options: &WarcOptions,
        exported: &WarcExported,
        signer: Option<&Signer>,
    ) -> Result<(), ExportError> {
        self.end();
        let created = options.now.to_zoned(TimeZone::UTC).strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let WarcExported { articles, posts, exchanges, .. } = exported;
        let manifest = json!({
            "profile": "data-package",
            "wacz_version": "1.1.1",
            "title": "An archive of embalm",
            "description": format!("{articles} articles, {posts} social posts, {exchanges} exchanges: {}", options.words),
            "created": created,
            "modified": created,
            "software": SOFTWARE,
            "resources": std::mem::take(&mut self.resources),
        });
        let manifest = pretty(&manifest);
        let hash = sha256(Sha256::new_with_prefix(&manifest));
        let mut digest = json!({"path": "datapackage.json", "hash": hash});
        if let Some(signer) = signer {
            let signed = signer.sign(&hash, &created).map_err(|detail| ExportError::Sign { detail })?;
            digest["signedData"] = json!(signed);
        }
        self.begin("datapackage.json", false)?;
        self.text(&manifest)?;
        self.begin("datapackage-digest.json", false)?;
        self.text(&pretty(&digest))
    }

    /// Ends the ZIP and gives it its name; its size in bytes.
    fn keep(self) -> Result<u64, ExportError> {
        let path = self.path;
        let failed = |error: io::Error| from_io(&path, error);
        let out = self.zip.finish().map_err(|error| failed(error.into()))?;
        let mut part = out.into_inner().into_inner().map_err(|error| failed(error.into_error()))?;
        let bytes = io::Seek::seek(&mut part, io::SeekFrom::End(0)).map_err(failed)?;
        part.sync()?;
        part.keep()?;
        Ok(bytes)
    }
}

impl Write for Package {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.zip.write(bytes)?;
        if let Some(open) = &mut self.open {
            open.bytes += written as u64;
            open.digest.update(bytes.get(..written).unwrap_or_default());
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.zip.flush()
    }
}

impl Volumes for Package {
    fn next(&mut self) -> Result<String, ExportError> {
        let name = nth_name("data.warc.gz", self.data_files);
        self.data_files += 1;
        self.begin(&format!("archive/{name}"), true)?;
        Ok(name)
    }

    fn place(&self) -> PathBuf {
        self.path.clone()
    }
}

fn pretty(value: &Value) -> String {
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text
}

fn sha256(digest: Sha256) -> String {
    digest.finalize().iter().fold("sha256:".to_owned(), |text, byte| format!("{text}{byte:02x}"))
}

/// The date of the files inside; a ZIP's years begin with 1980.
fn dos_time(now: Timestamp) -> DateTime {
    let now = now.to_zoned(TimeZone::UTC);
    let small = |number: i8| u8::try_from(number).unwrap_or(0);
    let year = u16::try_from(now.year()).unwrap_or(1980);
    let (hour, minute, second) = (small(now.hour()), small(now.minute()), small(now.second()));
    DateTime::from_date_and_time(year, small(now.month()), small(now.day()), hour, minute, second).unwrap_or_default()
}
