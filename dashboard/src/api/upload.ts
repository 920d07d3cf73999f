import { post, resolveUrl } from "./client";
import { session } from "./session.svelte";
import { ApiError } from "./client";
import type { Upload, UploadDone } from "./types";

/** Hand a file to the system as a bucket upload would. `onProgress` gets 0..1. */
export async function uploadFile(
  file: File,
  onProgress: (part: number) => void,
): Promise<UploadDone> {
  const upload = await post<Upload>("/uploads", { filename: file.name, size: file.size });
  await put(resolveUrl(upload.url), file, onProgress);
  return post<UploadDone>(`/uploads/${encodeURIComponent(upload.uploadId)}/complete`);
}

/** XMLHttpRequest, since `fetch` tells nothing about the progress of a request body. */
function put(url: string, file: File, onProgress: (part: number) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("PUT", url);
    if (new URL(url).origin === location.origin) {
      request.setRequestHeader("Authorization", `Bearer ${session.token}`);
    }
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    };
    request.onload = () => {
      if (request.status < 300) resolve();
      else reject(problem(request));
    };
    request.onerror = () => reject(new ApiError(0, "network", "The connection broke while sending."));
    request.send(file);
  });
}

function problem(request: XMLHttpRequest): ApiError {
  try {
    const body = JSON.parse(request.responseText);
    return new ApiError(request.status, body.code, body.detail || body.title);
  } catch {
    return new ApiError(request.status, `http.${request.status}`, request.statusText);
  }
}
