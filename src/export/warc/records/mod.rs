//! Rows of the archive become records, one at a time.

mod exchange;

use super::{Progress, WarcExported, WarcOptions, WarcProgress, cdxj::Indexed, from_io, to_io, volumes::Volumes};
use crate::{
    export::error::ExportError,
    store::{Outgoing, OutgoingFile, OutgoingRecord, Rows, Sorter, StoredFile, WrittenPayload},
    warc::{self, Asked, NewRecord, Payload, Take, WarcWriter, WrittenRecord},
};
use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use std::{cell::RefCell, io, ops::ControlFlow};
use url::Url;

/// Progress is told after so many rows.
const TOLD_EVERY: u64 = 64;

/// Records being written.
pub(super) struct Records<'a, V: Volumes> {
    outgoing: &'a Outgoing<'a>,
    options: &'a WarcOptions,
    index: Option<&'a Sorter>,
    writer: Option<WarcWriter<V>>,
    /// The name of the file at hand.
    file: String,
    told: WarcExported,
    earlier_bytes: u64,
    /// Exchanges so far, by which they are called.
    exchanges: u64,
    /// Further files so far.
    volumes: u64,
}

impl<'a, V: Volumes> Records<'a, V> {
    /// Begins the first file. Records that a player finds are told to `index`.
    pub(super) fn begin(
        outgoing: &'a Outgoing<'a>,
        mut volumes: V,
        index: Option<&'a Sorter>,
        options: &'a WarcOptions,
    ) -> Result<Self, ExportError> {
        let file = volumes.next()?;
        let told = WarcExported::default();
        let mut records =
            Self { outgoing, options, index, writer: None, file, told, earlier_bytes: 0, exchanges: 0, volumes: 0 };
        records.writer = Some(records.warcinfo(volumes)?);
        Ok(records)
    }

    /// Writes everything.
    pub(super) fn all(&mut self, progress: &mut Progress<'_>) -> Result<(), ExportError> {
        let outgoing = self.outgoing;
        let (exchanges, articles, posts) =
            (outgoing.count(Rows::Exchanges)?, outgoing.count(Rows::Articles)?, outgoing.count(Rows::Posts)?);
        let redacted = outgoing.count(Rows::Redactions)?;
        if articles + posts + exchanges + redacted == 0 {
            return Err(ExportError::Nothing);
        }
        let (of, mut done) = (exchanges + articles + posts, 0);
        let mut tell = |records: &Self| {
            done += 1;
            if done % TOLD_EVERY == 0 || done == of {
                progress(WarcProgress { done, of, bytes: records.bytes() });
            }
        };
        outgoing.each(Rows::Runs, |id| self.metadata(&outgoing.run_record(id)?))?;
        outgoing.each(Rows::Exchanges, |id| {
            self.exchange(&outgoing.exchange(id)?)?;
            tell(self);
            Ok::<_, ExportError>(())
        })?;
        outgoing.each(Rows::Articles, |id| {
            self.article(id)?;
            tell(self);
            Ok::<_, ExportError>(())
        })?;
        outgoing.each(Rows::Posts, |id| {
            for file in outgoing.post_files(id)? {
                self.resource(&file)?;
            }
            self.metadata(&outgoing.post_record(id, self.options.now)?)?;
            tell(self);
            Ok::<_, ExportError>(())
        })?;
        outgoing.each(Rows::Redactions, |id| self.metadata(&outgoing.redaction_record(id)?))?;
        self.told = WarcExported { exchanges, articles, posts, redacted, ..std::mem::take(&mut self.told) };
        Ok(())
    }

    /// Ends the last file.
    pub(super) fn end(mut self) -> Result<(V, WarcExported), ExportError> {
        self.told.bytes = self.bytes();
        let Some(mut writer) = self.writer.take() else { return Err(ExportError::Nothing) };
        let flushed = writer.flush();
        let volumes = writer.into_inner();
        flushed.map_err(|error| from_io(&volumes.place(), error))?;
        Ok((volumes, self.told))
    }

    fn bytes(&self) -> u64 {
        self.earlier_bytes + self.writer.as_ref().map_or(0, WarcWriter::size_bytes)
    }

    fn warcinfo(&mut self, volumes: V) -> Result<WarcWriter<V>, ExportError> {
        let place = volumes.place();
        let description = format!("An export of an archive of embalm: {}", self.options.words);
        let mut fields = vec![("description", description.as_str()), ("robots", "obey"), ("isPartOf", "embalm")];
        if let Some(operator) = &self.options.operator {
            fields.push(("operator", operator));
        }
        self.told.records += 1;
        WarcWriter::named(volumes, &self.file, self.options.now, &fields).map_err(|error| from_io(&place, error))
    }

    /// Begins the next file where the one at hand is large enough. What belongs together stays together.
    fn roll(&mut self) -> Result<(), ExportError> {
        let size = self.writer.as_ref().map_or(0, WarcWriter::size_bytes);
        if self.options.split_bytes.is_none_or(|limit| size < limit) {
            return Ok(());
        }
        if let Some(writer) = self.writer.take() {
            self.earlier_bytes += size;
            let mut volumes = writer.into_inner();
            self.file = volumes.next()?;
            self.writer = Some(self.warcinfo(volumes)?);
            self.volumes += 1;
            self.part()?;
        }
        Ok(())
    }

    /// Says that a further file belongs to the export: one that holds nothing but files of posts would not be told from a
    /// recording of others.
    fn part(&mut self) -> Result<(), ExportError> {
        let number = self.volumes;
        let json = serde_json::json!({"embalm": 1, "kind": "part", "number": number}).to_string();
        self.told_of(&format!("urn:embalm:part:{number}"), self.options.now, &json, &[]).map(drop)
    }

    fn article(&mut self, id: i64) -> Result<(), ExportError> {
        let outgoing = self.outgoing;
        self.roll()?;
        self.metadata(&outgoing.article_record(id)?)?;
        for version in outgoing.versions(id)? {
            if let Some(file) = outgoing.version_file(version)? {
                self.resource(&file)?;
            }
            self.metadata(&outgoing.version_record(version)?)?;
        }
        Ok(())
    }

    /// Bytes that no exchange holds, once under one address.
    fn resource(&mut self, file: &OutgoingFile) -> Result<(), ExportError> {
        self.roll()?;
        let target = target_of(&file.names);
        if self.outgoing.written(&file.file)?.is_some_and(|earlier| earlier.url == target) {
            return Ok(());
        }
        let content_type = file.types.first().map_or("application/octet-stream", String::as_str);
        let new = NewRecord {
            kind: "resource",
            target: Some(&target),
            at: file.at,
            content_type,
            fields: &[],
            head: &[],
            payload: None,
        };
        self.told.resources += 1;
        let written = self.with_bytes(new, &file.file)?;
        self.outgoing.note_payload(
            &file.file,
            &WrittenPayload { record: written.id.clone(), url: target.clone(), at: file.at },
        )?;
        self.note(&Indexed {
            target: &target,
            at: file.at,
            content_type: Some(content_type),
            status: None,
            payload: &file.file.sha256,
            file: &self.file,
            record: &written,
            asked: None,
        })
    }

    fn metadata(&mut self, record: &OutgoingRecord) -> Result<(), ExportError> {
        self.roll()?;
        self.told_of(&record.target, record.at, &record.json, &[]).map(drop)
    }

    /// Writes what the archive tells of `target` as JSON.
    fn told_of(
        &mut self,
        target: &str,
        at: Timestamp,
        json: &str,
        fields: &[(&'static str, &str)],
    ) -> Result<WrittenRecord, ExportError> {
        self.put(&NewRecord {
            kind: "metadata",
            target: Some(target),
            at,
            content_type: "application/json",
            fields,
            head: &[],
            payload: Some(&Payload::of(json.as_bytes())),
        })
    }

    /// A record whose payload stands in the archive.
    fn with_bytes(&mut self, new: NewRecord<'_>, file: &StoredFile) -> Result<WrittenRecord, ExportError> {
        let outgoing = self.outgoing;
        let read = |take: &mut Take<'_>| hand_over(outgoing, file, take);
        let is_packed = ["image/", "video/", "audio/"].iter().any(|kind| file.sniffed.starts_with(kind));
        let payload = Payload::elsewhere(file.size_bytes, &file.sha256, is_packed, &read);
        self.put(&NewRecord { payload: Some(&payload), ..new })
    }

    fn put_request(
        &mut self,
        asked: &Asked<'_>,
        url: &Url,
        nth: usize,
        answer: &WrittenRecord,
    ) -> Result<(), ExportError> {
        let Some(writer) = self.writer.as_mut() else { return Err(ExportError::Nothing) };
        let place = writer.get_ref().place();
        writer.put_request(asked, url, nth, &answer.id).map_err(|error| from_io(&place, error))?;
        self.told.records += 1;
        Ok(())
    }

    fn put(&mut self, record: &NewRecord<'_>) -> Result<WrittenRecord, ExportError> {
        let Some(writer) = self.writer.as_mut() else { return Err(ExportError::Nothing) };
        let place = writer.get_ref().place();
        let written = writer.put(record).map_err(|error| from_io(&place, error))?;
        self.told.records += 1;
        Ok(written)
    }

    fn note(&self, indexed: &Indexed<'_>) -> Result<(), ExportError> {
        if let Some(index) = self.index {
            index.add(&indexed.line())?;
        }
        Ok(())
    }
}

/// Hands over the bytes of a file, in parts.
fn hand_over(outgoing: &Outgoing<'_>, file: &StoredFile, take: &mut Take<'_>) -> io::Result<()> {
    let failed = RefCell::new(None);
    let read = outgoing.bytes(file, |part| match take(&part) {
        Ok(()) => ControlFlow::Continue(()),
        Err(error) => {
            failed.replace(Some(error));
            ControlFlow::Break(())
        }
    });
    failed.take().map_or(Ok(()), Err)?;
    read.map(drop).map_err(to_io)
}

/// The address of bytes without an exchange: the first of their names that is one in the web; else the first, as a URN.
pub(super) fn target_of(names: &[String]) -> String {
    let in_the_web = |name: &String| {
        let url = Url::parse(name).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        url.map(|url| warc::public_url(&url).to_string())
    };
    let name = names.first().map_or("", String::as_str);
    let urn = || format!("urn:embalm:file:{}", utf8_percent_encode(name, NON_ALPHANUMERIC));
    names.iter().find_map(in_the_web).unwrap_or_else(urn)
}
